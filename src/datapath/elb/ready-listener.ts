/**
 * datapath/elb/ready-listener — a listener with its rules made ready to be asked, whatever sort of
 * load balancer it is of.
 */
import type {
  Listener,
  ListenerAction,
  ListenerProtocol,
  ListenerRule,
  RuleTransform,
} from '../../model/elbv2/listener.ts';
import type { Ip } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { HttpRequest } from './http-request.ts';
import { type ReadyCondition, readyCondition } from './rule-condition.ts';

export interface ReadyRule {
  /** `rule 3 (host-header shop.example.com; path-pattern /cart/*)`, `the default rule`. */
  readonly label: string;
  readonly element: Element;
  readonly conditions: readonly ReadyCondition[];
  /** By condition: the rule, and that this condition did not hold. */
  readonly refusals: readonly Element[];
  readonly actions: readonly ListenerAction[];
  readonly transforms: readonly RuleTransform[];
}

export interface ReadyListener {
  readonly element: Element;
  /** `HTTPS:443`. */
  readonly label: string;
  readonly port: number;
  /** `SSL` of Classic Load Balancers is `TLS`. */
  readonly protocol: ListenerProtocol;
  readonly certificateArns: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  /** Clients have to show a certificate. */
  readonly isMutual: boolean;
  /** By priority. */
  readonly rules: readonly ReadyRule[];
  readonly defaultRule: ReadyRule;
}

const NO_TRANSFORMS: readonly RuleTransform[] = [];

function readyRule(rule: ListenerRule): ReadyRule {
  const conditions = rule.conditions.map(readyCondition);
  const element: Element = { kind: 'listener-rule', object: rule.ruleArn };
  return {
    label: `rule ${rule.priority} (${conditions.map(({ text }) => text).join('; ')})`,
    element,
    conditions,
    refusals: conditions.map(({ text }) => ({ ...element, field: text })),
    actions: rule.actions,
    transforms: rule.transforms ?? NO_TRANSFORMS,
  };
}

/** Makes a listener ready, with the rules that belong to it. */
export function readyListener(listener: Listener, rules: readonly ListenerRule[]): ReadyListener {
  const { listenerArn, port, protocol } = listener;
  const label = `${protocol}:${port}`;
  const element: Element = { kind: 'listener', object: listenerArn, rule: label };
  return {
    element,
    label,
    port,
    protocol,
    certificateArns: listener.certificateArns,
    attributes: listener.attributes,
    isMutual: listener.mutualAuthentication?.mode === 'verify',
    rules: rules.toSorted((a, b) => a.priority - b.priority).map(readyRule),
    defaultRule: {
      label: 'the default rule',
      element,
      conditions: [],
      refusals: [],
      actions: listener.defaultActions,
      transforms: NO_TRANSFORMS,
    },
  };
}

export interface RuleChoice {
  readonly rule: ReadyRule;
  /** The rules before it, each with the condition that did not hold. */
  readonly considered: readonly Element[];
  /** A regular expression among them that cannot be read here. */
  readonly unread?: string | undefined;
}

/** The first rule by priority all of whose conditions hold; else the listener's default. */
export function chooseRule(
  { rules, defaultRule }: ReadyListener,
  request: HttpRequest,
  client: Ip,
): RuleChoice {
  const considered: Element[] = [];
  let unread: string | undefined;
  for (const rule of rules) {
    const { conditions } = rule;
    let failed = -1;
    for (let at = 0; at < conditions.length && failed < 0; at++) {
      if (!conditions[at]!.holds(request, client)) failed = at;
    }
    if (failed < 0) return { rule, considered, unread };
    unread ??= conditions[failed]!.unread;
    considered.push(rule.refusals[failed]!);
  }
  return { rule: defaultRule, considered, unread };
}
