import { describe, expect, test } from 'vitest';
import { parseIpamdEnv, startupProblem } from './env.ts';
import { ENV_VARIABLES, MANIFEST_ENV } from './env-variables.ts';

describe('the environment of aws-node', () => {
  test('code and manifest disagree on the IP family and on WARM_PREFIX_TARGET', () => {
    expect(parseIpamdEnv({})).toMatchObject({ ipv4: false, warmPrefixTarget: 0, warmEniTarget: 1 });
    expect(parseIpamdEnv(MANIFEST_ENV)).toMatchObject({
      ipv4: true,
      warmPrefixTarget: 1,
      warmEniTarget: 1,
    });
  });

  test.each([
    ['0', 0],
    ['3', 3],
    ['+3', 3],
    ['-1', 1],
    ['many', 1],
    ['', 1],
    ['2.5', 1],
  ])('WARM_ENI_TARGET=%s means %i', (text, target) => {
    expect(parseIpamdEnv({ WARM_ENI_TARGET: text }).warmEniTarget).toBe(target);
  });

  test.each([
    ['-5', 0],
    ['x', 0],
    ['8', 8],
  ])('WARM_IP_TARGET=%s means %i', (text, target) => {
    expect(parseIpamdEnv({ WARM_IP_TARGET: text }).warmIpTarget).toBe(target);
  });

  test('MAX_ENI below one is no limit', () => {
    expect(parseIpamdEnv({ MAX_ENI: '0' }).maxEni).toBeUndefined();
    expect(parseIpamdEnv({ MAX_ENI: '-1' }).maxEni).toBeUndefined();
    expect(parseIpamdEnv({ MAX_ENI: '2' }).maxEni).toBe(2);
  });

  test.each(['eth', 'vlan', 'lo', 'toolong'])('a veth prefix %s is not taken', (prefix) => {
    expect(parseIpamdEnv({ AWS_VPC_K8S_CNI_VETHPREFIX: prefix }).vethPrefix).toBe('eni');
  });

  test('reserved tag keys are dropped, broken JSON is no tags', () => {
    const tags = '{"team":"net","k8s.amazonaws.com/x":"y"}';
    expect(parseIpamdEnv({ ADDITIONAL_ENI_TAGS: tags }).additionalEniTags).toEqual({ team: 'net' });
    expect(parseIpamdEnv({ ADDITIONAL_ENI_TAGS: '{' }).additionalEniTags).toEqual({});
  });

  test('IMDS-only mode provisions nothing and cleans nothing', () => {
    expect(parseIpamdEnv({ ENABLE_IMDS_ONLY_MODE: 'true' })).toMatchObject({
      networkResourceProvisioning: false,
      leakedEniCleanup: false,
    });
  });

  test('every variable is listed once', () => {
    const names = ENV_VARIABLES.map((variable) => variable.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('aws-node does not start', () => {
  const problem = (raw: Record<string, string>, supported = true) =>
    startupProblem(raw, parseIpamdEnv(raw), supported);

  test('with both families, or none', () => {
    expect(problem({ ENABLE_IPv4: 'true', ENABLE_IPv6: 'true' })).toContain('both enabled');
    expect(problem({})).toContain('both disabled');
  });

  test('with IPv6 on an instance without prefixes', () => {
    const raw = { ENABLE_IPv6: 'true', ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' };
    expect(problem(raw)).toBeUndefined();
    expect(problem(raw, false)).toContain('not supported on non-nitro instance');
  });

  test('with prefixes and no target; "00" is a target, because texts are compared', () => {
    const raw = { ENABLE_IPv4: 'true', ENABLE_PREFIX_DELEGATION: 'true' };
    expect(problem(raw)).toContain('WARM_PREFIX_TARGET = 0');
    expect(problem({ ...raw, WARM_IP_TARGET: '00' })).toBeUndefined();
  });
});
