/** What counts as "prints what the page says". */
import { describe, expect, test } from 'vitest';
import { generalLine, missingFrom } from './expectation.ts';

describe('what a page prints', () => {
  test('addresses, ages, hashes and versions are of a sort', () => {
    expect(
      generalLine('ui   alb  *  k8s-ui-ui-1268651632.us-west-2.elb.amazonaws.com  80  15s'),
    ).toBe('ui alb * k8s-ui-ui.elb 80 <age>');
    expect(generalLine('aws-node-btst2   1/1   Running   0   107m')).toBe(
      generalLine('aws-node-7xk2q   2/2   Running   0   4h3m'),
    );
    expect(generalLine('* Connected to orders.orders (172.20.248.36) port 80 (#0)')).toBe(
      'Connected to orders.orders (<ip>) port 80',
    );
  });

  test('a pod that is not ready is not one that is', () => {
    expect(missingFrom('web-0  0/1  Running', 'web-0  1/1  Running')).toHaveLength(1);
  });

  test('another outcome of curl is missed', () => {
    const printed =
      '* Failed to connect to orders.orders port 80 after 5000 ms: Timeout was reached';
    expect(missingFrom(`${printed}\ncurl: (28) x`, printed)).toEqual([]);
    expect(missingFrom('* Connected to orders.orders (10.0.0.1) port 80', printed)).toHaveLength(1);
  });

  test('what curl says between two states of its progress meter is found', () => {
    const meter = '  0     0    0     0    0     0      0      0 --:--:--  0:00:05 --:--:--     0';
    const printed = `${meter}*   Trying 172.20.1.2:80...\nOK100     2  100     2    0     0    286      0 --:--:-- --:--:-- --:--:--   286\n`;
    expect(missingFrom(printed, '*   Trying XXX.XXX.XXX.XXX:80...\nOK')).toEqual([]);
  });

  test('structures hold what is shown, in any order, with as many elements', () => {
    const shown = '[{"Id": "sg-0f8e704ee37512eb2", "Zone": "us-west-2b"}, {"Zone": "us-west-2a"}]';
    expect(
      missingFrom(
        '[{"Zone":"us-west-2c"},{"Zone":"us-west-2a","Id":"sg-1234567890abcdef0"}]',
        shown,
      ),
    ).toEqual([]);
    expect(missingFrom('[{"Zone":"us-west-2c","Id":"sg-1234567890abcdef0"}]', shown)).toHaveLength(
      1,
    );
    expect(missingFrom('[{"Zone":"x","Id":"y"},{"Zone":"us-west-2a"}]', shown)).toHaveLength(1);
  });

  test('YAML of a page and JSON of another yq are the same', () => {
    const page = '[...]\n- name: ENABLE_PREFIX_DELEGATION\n  value: "true"\n[...]';
    const json =
      '[\n  {\n    "name": "A"\n  },\n  {\n    "name": "ENABLE_PREFIX_DELEGATION",\n    "value": "true"\n  }\n]\n[\n  {\n    "name": "MY_NODE_NAME"\n  }\n]';
    expect(missingFrom(json, page)).toEqual([]);
    expect(missingFrom(json.replace('"true"', '"false"'), page)).toHaveLength(1);
  });

  test('a target that a page shows on its way to be healthy is healthy when it is there', () => {
    const shown = '{"TargetHealth":{"State":"initial","Reason":"Elb.RegistrationInProgress"}}';
    expect(missingFrom('{"TargetHealth":{"State":"healthy"}}', shown)).toEqual([]);
    expect(missingFrom('{"TargetHealth":{"State":"unhealthy"}}', shown)).toHaveLength(1);
  });

  test("node ports are the cluster's choice, other ports are not", () => {
    expect(missingFrom('80:31234/TCP', '80:30549/TCP')).toEqual([]);
    expect(missingFrom('81:31234/TCP', '80:30549/TCP')).toHaveLength(1);
  });
});
