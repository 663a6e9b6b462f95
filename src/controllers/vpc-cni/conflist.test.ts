import { expect, test } from 'vitest';
import { conflist } from './conflist.ts';
import { parseIpamdEnv } from './env.ts';
import { MANIFEST_ENV } from './env-variables.ts';

const plugins = (env: Record<string, string>, ipv6?: string) =>
  (
    conflist(parseIpamdEnv({ ...MANIFEST_ENV, ...env }), { ipv4: '10.0.1.5', ipv6 }) as {
      plugins: Record<string, unknown>[];
    }
  ).plugins;

test('a default node chains aws-cni, egress and portmap, egress switched off', () => {
  const [cni, egress, portmap] = plugins({});
  expect(cni).toMatchObject({ vethPrefix: 'eni', mtu: '9001', podSGEnforcingMode: 'strict' });
  expect(egress).toMatchObject({ type: 'egress-cni', enabled: 'false', nodeIP: '' });
  expect(portmap).toMatchObject({ type: 'portmap', snat: true });
});

test('an IPv6 cluster lets pods out by the node’s IPv4 address', () => {
  const egress = plugins({ ENABLE_IPv4: 'false', ENABLE_IPv6: 'true' }, 'fd00::5')[1];
  expect(egress).toMatchObject({
    enabled: 'true',
    nodeIP: '10.0.1.5',
    ipam: { ranges: [[{ subnet: '169.254.172.0/22' }]], dataDir: '/run/cni/v6pd/egress-v4-ipam' },
  });
});

test('IPv6 egress of an IPv4 cluster needs a node with an IPv6 address', () => {
  expect(plugins({ ENABLE_V6_EGRESS: 'true' })[1]).toMatchObject({ enabled: 'false' });
  expect(plugins({ ENABLE_V6_EGRESS: 'true' }, '2600::5')[1]).toMatchObject({
    enabled: 'true',
    nodeIP: '2600::5',
  });
});
