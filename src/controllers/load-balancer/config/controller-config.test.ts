import { expect, test } from 'vitest';
import { BuildError } from '../build-error.ts';
import { configOf, defaultConfig } from './controller-config.ts';

const refusal = (...args: string[]): string => {
  const config = configOf(['--cluster-name=c', ...args]);
  return config instanceof BuildError ? config.message : 'accepted';
};

test('with nothing but the cluster every flag has its default', () => {
  expect(configOf(['--cluster-name=c'])).toEqual(defaultConfig({ clusterName: 'c' }));
  expect(defaultConfig()).toMatchObject({
    ingressClass: 'alb',
    defaultTargetType: 'instance',
    defaultLoadBalancerScheme: 'internal',
    targetgroupbindingRequeueDuration: 15_000,
    enableWafv2: true,
  });
});

test('flags are read as the command line has them', () => {
  const config = configOf([
    '--cluster-name',
    'prod',
    '--default-tags=a=1,b=2',
    '--default-tags=c=3',
    '--enable-shield=false',
    '--disable-restricted-sg-rules',
    '--sync-period=1h30m',
    '--external-managed-tags=x,y',
    '--feature-gates=ALBSingleSubnet=true,EnableRGTAPI=T',
  ]);
  expect(config).toMatchObject({
    clusterName: 'prod',
    defaultTags: { a: '1', b: '2', c: '3' },
    enableShield: false,
    disableRestrictedSgRules: true,
    syncPeriod: 5_400_000,
    externalManagedTags: ['x', 'y'],
    featureGates: { ALBSingleSubnet: true, EnableRGTAPI: true, EnableIPTargetType: true },
  });
});

test('a flag that cannot be is what the container dies of', () => {
  expect(configOf([])).toEqual(new BuildError('kubernetes cluster name must be specified'));
  expect(refusal('--enable-cert-manager')).toBe('unknown flag: --enable-cert-manager');
  expect(refusal('--aws-vpc-id')).toBe('flag needs an argument: --aws-vpc-id');
  expect(refusal('--enable-waf=no')).toBe(
    'invalid argument "no" for "--enable-waf" flag: strconv.ParseBool: parsing "no": invalid syntax',
  );
  expect(refusal('--feature-gates=Nope=true')).toBe(
    'invalid argument "Nope=true" for "--feature-gates" flag: unknown feature: Nope',
  );
  expect(refusal('--default-tags=elbv2.k8s.aws/cluster=x')).toBe(
    'tag key elbv2.k8s.aws/cluster cannot be specified in default-tags flag',
  );
  expect(refusal('--default-tags=a=1', '--external-managed-tags=a')).toBe(
    'tag key a cannot be specified in both default-tags and external-managed-tags flag',
  );
  expect(refusal('--default-target-type=pod')).toBe('invalid value pod for default target type');
  expect(
    refusal(
      '--enable-backend-security-group=false',
      '--enable-manage-backend-security-group-rules',
    ),
  ).toBe(
    'backend security group must be enabled when manage backend security group rule is enabled',
  );
});
