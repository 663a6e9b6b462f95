/** Which variables a command of a page needs before it is run. */
import { describe, expect, test } from 'vitest';
import { settingOf, variablesRead, variablesSet } from './variables.ts';

describe('variables of a page', () => {
  test('those that the command sets itself, or that a pod is to read, are not needed', () => {
    const command = `SG_ID=$(aws ec2 x --vpc $VPC_ID) && sh -c 'echo $HOST_NAME' \\$OTHER "\${SG_ID}"`;
    expect(variablesRead(command, '/nowhere')).toEqual(['VPC_ID']);
    expect(variablesSet(command)).toEqual(['SG_ID']);
  });

  test('of the cluster are asked, others stay unset', () => {
    expect(settingOf('VPC_ID')).toContain('describe-cluster');
    expect(settingOf('DNS_CHART_VERSION')).toBe('export DNS_CHART_VERSION=0.0.0');
    expect(settingOf('SECONDARY_SUBNET_1')).toBeUndefined();
  });
});
