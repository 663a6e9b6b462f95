/**
 * datapath/walk/balancer-status — what a load balancer that speaks HTTP answers in place of a
 * target, and why: redirects, fixed responses, 502, 503, 504.
 *
 * Source: Application Load Balancers, "Troubleshoot your Application Load Balancers": 502 where the
 * target resets or an ICMP error comes, 503 without a target, 504 where it does not answer.
 */
import type { Candidates } from '../elb/candidates.ts';
import type { HttpRequest } from '../elb/http-request.ts';
import type { ReadyGroup } from '../elb/ready-group.ts';
import type { Element, Verdict } from '../trace.ts';
import type { Balanced } from './balanced.ts';
import type { Heard, Taken } from './exchange.ts';
import { healthText } from './target-choice.ts';

const REASONS: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  464: 'Protocol Mismatch',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export interface OwnAnswer {
  readonly text: string;
  readonly code?: string | undefined;
  readonly remedy?: Verdict['remedy'];
  readonly decisive?: readonly Element[] | undefined;
  readonly considered?: readonly Element[] | undefined;
  readonly location?: string | undefined;
  /** Of a fixed response. */
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}

/** The load balancer answers itself; one step says so. */
export function answeredItself(
  { exchange, node }: Balanced,
  request: HttpRequest,
  status: number,
  { text, code = `ELB_HTTP_${status}`, remedy, decisive = [], considered, ...more }: OwnAnswer,
): Taken {
  const { label } = node.balancer;
  const { location, body, contentType } = more;
  const reason = REASONS[status];
  const said = `${label} answers ${status}${reason === undefined ? '' : ` ${reason}`}: ${text}`;
  exchange.there.step({
    layer: 'load-balancer',
    kind: 'response',
    action: status < 400 ? 'note' : 'deny',
    text: said,
    evidence: { decisive, considered, code },
  });
  return {
    verdict: { disposition: `http-${status}`, text: said, code, remedy },
    says: 'answer',
    http: { request, response: { status, by: label, location, body, contentType } },
  };
}

/** Why no target is taken, in the words of health checks. */
export function missingText(
  { node }: Balanced,
  group: ReadyGroup,
  { missing }: Candidates,
): string {
  const name = `target group ${group.name}`;
  const { zoneName } = node.zone;
  switch (missing) {
    case 'unregistered':
      return `${name} has no registered target`;
    case 'draining':
      return `every target of ${name} is draining`;
    case 'zone':
      return `no target of ${name} is in ${zonesText(group, zoneName)}`;
    default:
      return `${name} has no healthy target: ${healthText(group)}`;
  }
}

const zonesText = ({ targets }: ReadyGroup, zone: string): string => {
  const others = [...new Set(targets.flatMap((it) => it.zone ?? []))].join(', ');
  return others === '' ? zone : `a zone it may be sent to from ${zone} (they are in ${others})`;
};

/** What to look at first. */
export function missingRemedy(
  { node }: Balanced,
  { name, arn }: ReadyGroup,
  { missing, isZonal }: Candidates,
): Verdict['remedy'] {
  const { balancer } = node;
  if (missing === 'zone' && isZonal && balancer.kind !== 'classic') {
    return {
      text: 'turn cross-zone load balancing on, or run a target in every zone',
      command:
        `aws elbv2 modify-load-balancer-attributes --load-balancer-arn ${balancer.key} ` +
        '--attributes Key=load_balancing.cross_zone.enabled,Value=true',
    };
  }
  if (missing === 'zone') return { text: 'add a subnet of the targets’ zone to the load balancer' };
  if (balancer.kind === 'classic') {
    return {
      text: 'make an instance pass the health check',
      command: `aws elb describe-instance-health --load-balancer-name ${balancer.name}`,
    };
  }
  if (missing === 'unregistered') {
    return {
      text: `register a target: ready pods of the Service behind ${name}, or its nodes`,
      command: 'kubectl get targetgroupbindings,endpointslices -A',
    };
  }
  return {
    text: `make a target of ${name} pass its health check`,
    command: `aws elbv2 describe-target-health --target-group-arn ${arn}`,
  };
}

/** Reachability Analyzer's words for it. */
export function missingCode({ missing, isZonal }: Candidates): string {
  if (missing !== 'zone') return 'ELBV2_LISTENER_HAS_NO_TG';
  return isZonal ? 'ELBV2_NO_TARGETS_IN_AZ' : 'ELB_INSTALLED_AZ_RESTRICTION';
}

/** 503: nobody to send the request to. */
export function withoutTarget(
  balanced: Balanced,
  request: HttpRequest,
  group: ReadyGroup,
  candidates: Candidates,
): Taken {
  const { missing, considered } = candidates;
  return answeredItself(balanced, request, 503, {
    text: missingText(balanced, group, candidates),
    code: missing === 'unregistered' || missing === 'zone' ? missingCode(candidates) : undefined,
    remedy: missingRemedy(balanced, group, candidates),
    decisive: [group.element],
    considered,
  });
}

/** 502 where the target refused, 504 where nothing came back: with what was in the way. */
export function badConnection(
  balanced: Balanced,
  request: HttpRequest,
  { verdict, hears }: Heard,
  group: ReadyGroup,
  { isFailOpen }: Candidates,
): Taken {
  const status = hears === 'reset' ? 502 : 504;
  const why = isFailOpen ? ` (health checks: ${healthText(group)})` : '';
  return answeredItself(balanced, request, status, {
    text: `${verdict.text}${why}`,
    code: verdict.code,
    remedy: verdict.remedy,
  });
}
