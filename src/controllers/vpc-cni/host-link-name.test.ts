import { expect, test } from 'vitest';
import { sha1 } from '../../sim/sha1.ts';
import { hostLinkName, hostLinkSuffix, linkMacAddress } from './host-link-name.ts';

// FIPS 180-4's examples, and a text longer than one block.
test.each([
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
  ],
  ['a'.repeat(200), 'e61cfffe0d9195a525fc6cf06ca2d77119c24a40'],
])('the digest of %j', (text, digest) => {
  expect(sha1(text)).toBe(digest);
});

test.each([
  ['kube-system', 'coredns-57ff979f67-qqbdh', 'b5faff8a083'],
  ['kube-system', 'coredns-57ff979f67-8ns9b', '9571956a6cc'],
  ['default', 'sample-pod', 'cc21c2d7785'],
])('the link of %s/%s ends in %s', (namespace, name, suffix) => {
  expect(hostLinkSuffix(namespace, name)).toBe(suffix);
});

test('a strict pod’s link is a vlan link, a further interface has a name of its own', () => {
  expect(hostLinkName('vlan', 'default', 'sample-pod')).toBe('vlancc21c2d7785');
  expect(hostLinkSuffix('default', 'sample-pod', 1)).not.toBe('cc21c2d7785');
});

test('a link’s MAC is unicast, locally administered, and the same every time', () => {
  const mac = linkMacAddress('enicc21c2d7785');
  expect(mac).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
  expect(Number.parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
  expect(linkMacAddress('enicc21c2d7785')).toBe(mac);
});
