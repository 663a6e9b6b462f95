import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { decodingRefusal } from './decoding.ts';

const deployment = (spec: object, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec,
});
const said = (object: KubernetesObject): string | undefined => decodingRefusal(object)?.message;
const podSpec = (spec: object): KubernetesObject => deployment({ template: { spec } });

describe('what does not fit the Go type of its field', () => {
  test('words for a number are refused as the API server refuses them', () => {
    expect(said(deployment({ replicas: 'three' }))).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal ' +
        'string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
    expect(said(deployment({ replicas: 1.5 }))).toMatch(/unmarshal number 1.5 into .*int32$/);
  });

  test('a label or a variable without quotes is a number or a boolean', () => {
    expect(said(deployment({}, { labels: { version: 2 } }))).toMatch(
      /number into Go struct field ObjectMeta\.metadata\.labels of type string$/,
    );
    expect(
      said(podSpec({ containers: [{ name: 'c', env: [{ name: 'DEBUG', value: true }] }] })),
    ).toMatch(
      /bool into Go struct field EnvVar\.spec\.template\.spec\.containers\.env\.value of type string$/,
    );
  });

  test('one thing where a list belongs', () => {
    expect(said(podSpec({ containers: { name: 'c' } }))).toMatch(
      /object into Go struct field PodSpec\.spec\.template\.spec\.containers of type \[\]v1\.Container$/,
    );
  });

  test('every kind is looked at, and quantities, times and ports as Go reads them', () => {
    const typed = (apiVersion: string, kind: string, body: object): KubernetesObject =>
      ({ apiVersion, kind, metadata: { name: 'x' }, ...body }) as KubernetesObject;
    const hpa = typed('autoscaling/v2', 'HorizontalPodAutoscaler', { spec: { maxReplicas: 'x' } });
    expect(said(hpa)).toMatch(/string into Go struct field HorizontalPodAutoscalerSpec\.spec\./);
    expect(said(typed('v1', 'ConfigMap', { data: { port: 80 } }))).toMatch(
      /number into Go struct field ConfigMap\.data of type string$/,
    );
    const limits = (cpu: unknown): KubernetesObject =>
      podSpec({ containers: [{ name: 'c', resources: { limits: { cpu } } }] });
    expect(said(limits('lots'))).toMatch(/quantities must match the regular expression/);
    expect(said(limits('1x'))).toMatch(/unable to parse quantity's suffix$/);
    expect(said(limits('100m'))).toBe(undefined);
    expect(said(limits(1.5))).toBe(undefined);
    const port = typed('v1', 'Service', { spec: { ports: [{ port: 1, targetPort: true }] } });
    expect(said(port)).toMatch(/cannot unmarshal bool into Go value of type int32$/);
    expect(said(typed('v1', 'Pod', { metadata: 'x' }))).toMatch(
      /string into Go struct field Pod\.metadata of type v1\.ObjectMeta$/,
    );
  });

  test('a version that is gone is not kept as if somebody ran it', () => {
    const old = { ...deployment({}), apiVersion: 'extensions/v1beta1' };
    expect(said(old)).toBe('no matches for kind "Deployment" in version "extensions/v1beta1"');
    expect(said({ ...deployment({}), apiVersion: 'apps/v1beta2' })).toMatch(/^no matches for kind/);
    const ingress = { ...deployment({}), apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' };
    expect(said(ingress)).toBe(undefined);
  });

  test('what fits, nulls, ports by name and kinds nobody serves pass', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } };
    const ports = [{ port: 80, targetPort: 'http' }];
    expect(said({ ...service, spec: { ports, clusterIP: null } } as KubernetesObject)).toBe(
      undefined,
    );
    expect(said(deployment({ replicas: 3, selector: { matchLabels: { a: 'b' } } }))).toBe(
      undefined,
    );
    const other = { ...deployment({ replicas: 'x' }), apiVersion: 'example.com/v1' };
    expect(said(other)).toBe(undefined);
  });
});
