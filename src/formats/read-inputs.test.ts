import { describe, expect, test } from 'vitest';
import { InputError } from '../model/input-error.ts';
import { readInputs } from './read-inputs.ts';

const read = (...texts: readonly string[]) =>
  readInputs(texts.map((text, i) => ({ path: `${i}.yaml`, text })));
const refusal = (text: string, path = 'a.yaml'): InputError => {
  try {
    readInputs([{ path, text }]);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error('was not refused');
};
const deployment = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\n`;

describe('what a file is, told by what it holds', () => {
  test('Kubernetes objects come with their place, in the order of the files', () => {
    const { objects } = read(`${deployment('a')}---\n${deployment('b')}`, deployment('c'));
    expect(objects.map(({ object, where }) => [object.metadata.name, where])).toEqual([
      ['a', '0.yaml:1:1'],
      ['b', '0.yaml:6:1'],
      ['c', '1.yaml:1:1'],
    ]);
    expect(objects[0]!.object.metadata.namespace).toBe('default');
  });

  test('lists are opened: kind List, PodList, and an item that leaves its kind to the list', () => {
    const json = JSON.stringify({
      apiVersion: 'v1',
      kind: 'PodList',
      items: [{ metadata: { name: 'a', namespace: 'x', uid: '1' } }],
    });
    const { objects } = readInputs([{ path: 'pods.json', text: json }]);
    expect(objects[0]!.object.kind).toBe('Pod');
    expect(objects[0]!.exported).toBe(true);
    expect(objects[0]!.where).toMatch(/^pods\.json:1:\d+$/);
  });

  test('aws exports, templates and ClusterConfigs are told apart without looking at names', () => {
    const inputs = read(
      '{"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "1", "CidrBlock": "10.0.0.0/16"}]}',
      'Resources:\n  V:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n',
      'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: a, region: us-west-2}\n',
    );
    expect(inputs.aws.nouns['ec2/vpc'].size).toBe(1);
    expect(inputs.templates).toHaveLength(1);
    expect(inputs.clusterConfigs[0]!.spec.metadata?.name).toBe('a');
  });

  test('a kustomization and an empty file are left out with a note', () => {
    const { notes, objects } = readInputs([
      { path: 'app/kustomization.yaml', text: 'resources: [a.yaml]\n' },
      { path: 'empty.yaml', text: '# nothing\n' },
    ]);
    expect(objects).toEqual([]);
    expect(notes.map(({ where }) => where)).toEqual(['app/kustomization.yaml:1:1', 'empty.yaml']);
  });

  test('the same object twice is kept twice, and both places are named', () => {
    const { objects, notes } = read(deployment('a'), deployment('a'));
    expect(objects).toHaveLength(2);
    expect(notes[0]).toEqual({
      where: '1.yaml:1:1',
      text: 'Deployment a is also in 0.yaml:1:1; both are applied in order, this one last',
    });
  });
});

describe('what is refused, and where', () => {
  test('an object without a name', () => {
    const error = refusal('apiVersion: v1\nkind: Service\nmetadata: {}\n');
    expect(error.problem).toBe('Service: resource name may not be empty');
    expect(error.where).toBe('a.yaml:1:1');
  });

  test('a placeholder somebody forgot, but not one in an annotation or a shell line', () => {
    const named = refusal('apiVersion: v1\nkind: Service\nmetadata:\n  name: <your-name>\n');
    expect(named.where).toBe('a.yaml:4:3');
    const spec = refusal(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of envsubst.
      'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  clusterIP: ${IP}\n',
    );
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of envsubst.
    expect(spec.problem).toBe('spec.clusterIP is still a placeholder: ${IP}');
    const { objects } = read(
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations: {cidrs: $INBOUND_CIDRS}\nspec:\n  containers: [{name: c, args: ["$HOME", "<x>"]}]\n',
    );
    expect(objects[0]!.object.metadata.annotations).toEqual({ cidrs: '$INBOUND_CIDRS' });
  });

  test('a file of another tool, by what it looks like', () => {
    expect(refusal('services: {web: {image: a}}\n').problem).toMatch(/Docker Compose/);
    expect(refusal('replicaCount: 1\n').problem).toMatch(/Helm values/);
    expect(refusal('apiVersion: v2\nname: a\nversion: 1.0.0\n').problem).toMatch(/Helm chart/);
    expect(refusal('kind: Pod\nmetadata: {name: a}\n').hint).toMatch(/Add apiVersion/);
    expect(refusal('just text\n').problem).toMatch(/nothing ekstwin knows/);
    expect(refusal('[1, 2]', 'a.json').where).toBe('a.json:1:1');
  });

  test('no file at all', () => {
    expect(() => readInputs([])).toThrow(/no .yaml, .yml or .json file here/);
  });
});
