/**
 * Goal: a request through a load balancer ends where AWS would bring it, or says what is in the way.
 * Method: load balancers made by AWS's verbs in front of a small real cluster, asked from the
 * internet and from pods.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Layer } from '../../datapath/trace.ts';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { TargetGroup } from '../../model/elbv2/target-group.ts';
import { healthFinding } from '../../twin/reach/twin-health-checker.ts';
import { Balancing, forwardTo } from './balanced.fixture.ts';
import type { TraceAnswer } from './question.ts';
import { ask, shop } from './trace.fixture.ts';

let it: Balancing;

const step = ({ branches }: TraceAnswer, kind: string, layer: Layer = 'load-balancer') =>
  branches[0]!.forward
    .flatMap(({ steps }) => steps)
    .find((one) => one.layer === layer && one.kind === kind);

describe('an ALB with pods as targets', () => {
  let alb: LoadBalancer;
  let api: TargetGroup;

  beforeEach(async () => {
    it = new Balancing(await shop());
    alb = it.balancer();
    api = it.targets();
    it.listener(alb, 80, 'HTTP', forwardTo(api));
    it.registerPods(api, 'api');
    await it.twin.settle();
  });

  test('is a new connection from its own interface, with the client in X-Forwarded-For', () => {
    it.letIn(it.open);
    it.health(api);
    const answer = ask(it.twin, 'internet', `${it.publicAddress(alb)}:80`);
    expect(answer.disposition).toBe('delivered');
    expect(answer.branches).toHaveLength(3);
    const [branch] = answer.branches;
    expect(branch!.probability).toBeCloseTo(1 / 3, 12);
    expect(branch!.receiver).toMatchObject({ kind: 'namespace' });
    expect(it.interfaceAddresses(alb)).toContain(branch!.arrived!.source);
    expect(branch!.http!.request.headers).toEqual([
      { name: 'X-Forwarded-For', value: '198.51.100.7' },
      { name: 'X-Forwarded-Proto', value: 'http' },
      { name: 'X-Forwarded-Port', value: '80' },
    ]);
    expect(branch!.return!.length).toBeGreaterThan(5);
  });

  test('answers 504 where a security group keeps it from the pod, and says which', () => {
    it.health(api, {
      state: 'unhealthy',
      reason: 'Target.Timeout',
      description: 'Request timed out',
    });
    const answer = ask(it.twin, 'internet', `${it.publicAddress(alb)}:80`);
    expect(answer).toMatchObject({ disposition: 'http-504', code: 'ENI_SG_RULES_MISMATCH' });
    expect(answer.text).toContain('3 unhealthy: Target.Timeout: Request timed out');
    expect(answer.remedy?.command).toContain(`--source-group ${it.open}`);
  });

  test('is healthy where the check gets there, and timed out where it does not', () => {
    const [pod] = it.podsOf('api');
    const target = { ...api, id: pod!.status!.podIP! };
    const closed = healthFinding(it.twin.datapath, alb.loadBalancerArn, target);
    expect(closed?.health).toEqual({
      state: 'unhealthy',
      reason: 'Target.Timeout',
      description: 'Request timed out',
    });
    expect(closed?.verdict.code).toBe('ENI_SG_RULES_MISMATCH');
    it.letIn(it.open);
    const open = healthFinding(it.twin.datapath, alb.loadBalancerArn, target);
    expect(open?.health).toEqual({ state: 'healthy' });
    expect(step).toBeDefined();
  });
});
