import { describe, expect, test } from 'vitest';
import type { Deployment } from '../model/kubernetes/apps.ts';
import { parseSettings } from './chart-settings.ts';
import { chartWith } from './installation.ts';

const settings = (...texts: readonly string[]) =>
  texts.flatMap((text) => parseSettings(text) ?? []);

const deploymentOf = (objects: ReturnType<typeof chartWith>['objects']): Deployment =>
  objects.find((it) => it.kind === 'Deployment') as Deployment;

const argumentsOf = (objects: ReturnType<typeof chartWith>['objects']): readonly string[] =>
  deploymentOf(objects).spec.template.spec.containers[0]?.args ?? [];

describe('--set, as helm reads it', () => {
  test.each([
    ['a=b', [['a', ['b']]]],
    [
      'a.b[0]=x,a.b[1]=y',
      [
        ['a.b', ['x']],
        ['a.b', ['y']],
      ],
    ],
    ['sources={service,ingress}', [['sources', ['service', 'ingress']]]],
    ['sources={}', [['sources', []]]],
    ['text=a\\,b', [['text', ['a,b']]]],
    ['arn=role/x=y', [['arn', ['role/x=y']]]],
    ['empty=', [['empty', ['']]]],
    [
      'serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn=arn:aws:iam::1:role/r',
      [['serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn', ['arn:aws:iam::1:role/r']]],
    ],
  ])('%s', (text, expected) => {
    expect(parseSettings(text)?.map(({ path, values }) => [path, values])).toEqual(expected);
  });

  test('what sets nothing is none', () => expect(parseSettings('novalue')).toBeUndefined());
});

describe('a chart with values', () => {
  test('external-dns is told its zones, its owner, its policy and its sources', () => {
    const { objects, ignored } = chartWith(
      'external-dns',
      'shop',
      'external-dns',
      settings(
        'provider.name=aws',
        'policy=sync',
        'txtOwnerId=shop',
        'domainFilters[0]=example.com',
        'domainFilters[1]=example.org',
        'sources={ingress}',
        'extraArgs[0]=--aws-zone-type=private',
      ),
    );
    expect(ignored).toEqual([]);
    expect(argumentsOf(objects)).toEqual([
      '--log-level=info',
      '--log-format=text',
      '--interval=1m',
      '--registry=txt',
      '--provider=aws',
      '--policy=sync',
      '--txt-owner-id=shop',
      '--domain-filter=example.com',
      '--domain-filter=example.org',
      '--source=ingress',
      '--aws-zone-type=private',
    ]);
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set(['external-dns']),
    );
  });

  test('the load balancer controller has the account, the class and the tags it is given', () => {
    const { objects, ignored } = chartWith(
      'aws-load-balancer-controller',
      'shop',
      'kube-system',
      settings(
        'clusterName=shop',
        'serviceAccount.name=lbc',
        'serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn=arn:aws:iam::1:role/r',
        'ingressClass=internal',
        'defaultTags.team=a,defaultTags.stage=b',
        'replicaCount=1',
        'image.tag=v2.13.0',
      ),
    );
    expect(ignored).toEqual([]);
    const { spec } = deploymentOf(objects);
    expect(spec.replicas).toBe(1);
    expect(spec.template.spec.serviceAccountName).toBe('lbc');
    expect(spec.template.spec.containers[0]?.image).toMatch(/:v2\.13\.0$/);
    expect(argumentsOf(objects)).toEqual([
      '--cluster-name=shop',
      '--ingress-class=internal',
      '--default-tags=team=a,stage=b',
    ]);
    expect(objects.find((it) => it.kind === 'IngressClass')?.metadata.name).toBe('internal');
    expect(objects.find((it) => it.kind === 'ServiceAccount')?.metadata).toMatchObject({
      name: 'lbc',
      annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/r' },
    });
  });

  test('what nobody here reads is named', () => {
    const given = settings('resources.limits.cpu=1', 'serviceAccount.create=false');
    const { objects, ignored } = chartWith('external-dns', 'shop', 'kube-system', given);
    expect(ignored).toEqual(['resources.limits.cpu']);
    expect(objects.map(({ kind }) => kind)).toEqual(['Deployment']);
  });
});
