import { describe, expect, it } from 'vitest';
import { deployment, refused, service, taken, testCluster } from './cluster.fixture.ts';

describe('what a patch may not change', () => {
  it('answers another name, namespace, uid or version as kube-apiserver does', () => {
    const { kubernetes } = testCluster();
    taken(kubernetes.create(service('web')));
    const patch = (metadata: object) =>
      refused(kubernetes.patch('Service', 'default/web', 'merge', { metadata }));
    expect(patch({ name: 'other' })).toMatchObject({
      code: 400,
      message: 'the name of the object (other) does not match the name on the URL (web)',
    });
    expect(patch({ namespace: 'x' })).toMatchObject({
      code: 400,
      message: 'the namespace of the object (x) does not match the namespace on the URL (default)',
    });
    expect(patch({ uid: 'x' }).message).toBe(
      'Service "web" is invalid: metadata.uid: Invalid value: "x": field is immutable',
    );
    expect(patch({ resourceVersion: '1' })).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(patch({ finalizers: ['bad'] }).message).toContain(
      'name is neither a standard finalizer name nor is it fully qualified',
    );
  });

  it("counts a Deployment's annotations as a change of it", () => {
    const { kubernetes } = testCluster();
    taken(kubernetes.create(deployment('web')));
    const patch = { metadata: { annotations: { a: 'b' } } };
    const after = taken(kubernetes.patch('Deployment', 'default/web', 'strategic', patch));
    expect(after.metadata.generation).toBe(2);
  });

  it('takes a missing member for null in a JSON patch test', () => {
    const { kubernetes } = testCluster();
    taken(kubernetes.create(service('web')));
    const test = (value: unknown) =>
      kubernetes.patch('Service', 'default/web', 'json', [{ op: 'test', path: '/no', value }]);
    taken(test(null));
    expect(refused(test(1)).code).toBe(422);
  });
});
