import { describe, expect, it } from 'vitest';
import type { EphemeralContainer, Pod } from '../model/kubernetes/core.ts';
import { deployment, pod, refused, taken, testCluster } from './cluster.fixture.ts';

const debugging = (given: Pod, ...ephemeralContainers: EphemeralContainer[]): Pod => ({
  ...given,
  spec: { ...given.spec, ephemeralContainers },
});

function running() {
  const { kubernetes, store } = testCluster();
  taken(kubernetes.create(pod('web')));
  const live = () => store.get('Pod', 'default/web')!;
  const update = (...containers: EphemeralContainer[]) =>
    kubernetes.updateEphemeralContainers(debugging(live(), ...containers));
  return { kubernetes, live, update, store };
}

const shell = { name: 'shell', image: 'busybox' };
const asDefaulted = (text: string): string =>
  `Pod "web" is invalid: spec.ephemeralContainers${text}`;

describe('pods/ephemeralcontainers', () => {
  it('takes what is new, defaulted, and nothing else of the pod', () => {
    const { kubernetes, live } = running();
    const asked = debugging(live(), { ...shell, targetContainerName: 'web' });
    const changed = { ...asked, spec: { ...asked.spec, hostname: 'other', containers: [] } };
    taken(kubernetes.updateEphemeralContainers(changed));
    expect(live().spec.hostname).toBeUndefined();
    expect(live().spec.containers).toHaveLength(1);
    expect(live().spec.ephemeralContainers).toMatchObject([
      { name: 'shell', targetContainerName: 'web', terminationMessagePolicy: 'File' },
    ]);
  });

  it('writes nothing for what is there already, in whatever order', () => {
    const { live, update, store } = running();
    taken(update(shell, { ...shell, name: 'more' }));
    const { revision } = store;
    taken(update(...live().spec.ephemeralContainers!));
    expect(store.revision).toBe(revision);
  });

  it('changes and removes none', () => {
    const { update } = running();
    taken(update(shell));
    expect(refused(update()).message).toBe(
      asDefaulted(': Forbidden: existing ephemeral containers "shell" may not be removed\n'),
    );
    expect(refused(update({ ...shell, image: 'alpine' })).message).toBe(
      asDefaulted(': Forbidden: existing ephemeral containers "shell" may not be changed\n'),
    );
  });

  it.each([
    [{ name: 'web' }, '[0].name: Duplicate value: "web"'],
    [{ name: 'X' }, /\[0\]\.name: Invalid value: "X": a lowercase RFC 1123 label/],
    [{ image: '' }, '[0].image: Required value'],
    [{ targetContainerName: 'no' }, '[0].targetContainerName: Not found: "no"'],
    [
      { ports: [{ containerPort: 80 }] },
      '[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    ],
    [
      { readinessProbe: { tcpSocket: { port: 80 } } },
      '[0].readinessProbe: Forbidden: cannot be set for an Ephemeral Container',
    ],
  ])('refuses %o', (more, text) => {
    const { message } = refused(running().update({ ...shell, ...more }));
    if (typeof text === 'string') expect(message).toBe(asDefaulted(text));
    else expect(message).toMatch(text);
  });

  it('is the only door: neither a new pod nor a template has any', () => {
    const { kubernetes, live } = running();
    const made = debugging(pod('other'), shell);
    expect(refused(kubernetes.create(made)).message).toBe(
      'Pod "other" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create',
    );
    expect(refused(kubernetes.update(debugging(live(), shell))).message).toMatch(
      /^Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than/,
    );
    const template = debugging(
      { ...pod('t'), metadata: { name: 't', labels: { app: 'd' } } },
      shell,
    );
    expect(refused(kubernetes.create(deployment('d', { template }))).message).toMatch(
      /spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template$/,
    );
  });

  it('static pods have none', () => {
    const { kubernetes } = testCluster();
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    const given = pod('web');
    const made = taken(
      kubernetes.create({ ...given, metadata: { ...given.metadata, annotations } }),
    );
    expect(refused(kubernetes.updateEphemeralContainers(debugging(made, shell))).message).toMatch(
      /Forbidden: static pods do not support ephemeral containers$/,
    );
  });
});
