/**
 * analysis/load-balancer/lint/path-checks — paths that match less, or other, than they seem to, and
 * rules that no request reaches.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/ingress/model_build_listener_rules.go:92 (order), :230 (patterns).
 */
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import type { Finding } from './finding.ts';
import { ingressClaim, isAlb } from './ingress-claim.ts';
import { type LintedPath, pathsOf } from './ingress-paths.ts';
import { annotationsOf, error, type Linted, type LintInput, warning } from './linted.ts';

const REGEX = 'alb.ingress.kubernetes.io/use-regex-path-match';
const PATH_LENGTH_MAX = 128;

/** What is odd about the paths of Ingresses of the ALB. */
export const pathChecks = (input: LintInput): Finding[] =>
  input.ingresses.flatMap((it) => {
    if (!isAlb(ingressClaim(input, it.object))) return [];
    const paths = pathsOf(it.object);
    return [
      ...paths.flatMap((path) => ofPath(it, path)),
      ...covered(it, paths),
      ...ofRules(it),
      ...ofHosts(it),
    ];
  });

function ofPath(it: Linted<Ingress>, { path = '', pathType, place }: LintedPath): Finding[] {
  const where = it.at([...place, 'path']);
  const hasWildcard = /[*?]/.test(path);
  if (pathType === 'Exact' && hasWildcard) {
    const text = `exact path shouldn't contain wildcards: ${path}`;
    const hint = 'write pathType: ImplementationSpecific to have * and ? as the ALB reads them';
    return [error(it, where, { check: 'path-wildcard', text, hint })];
  }
  if (pathType === 'Prefix' && hasWildcard) {
    const text = `prefix path shouldn't contain wildcards: ${path}`;
    const bare = path.replace(/\*+$/, '') || '/';
    const hint = `write path: ${bare}, which matches everything below it, or pathType: ImplementationSpecific`;
    return [error(it, where, { check: 'path-wildcard', text, hint })];
  }
  const findings: Finding[] = [];
  if (path.length > PATH_LENGTH_MAX) {
    const text = `a path of ${path.length} characters; AWS takes ${PATH_LENGTH_MAX}`;
    findings.push(error(it, where, { check: 'path-length', text, hint: 'shorten it' }));
  }
  if (pathType !== 'Prefix' && pathType !== 'Exact' && !hasWildcard && !isRegex(it)) {
    const type = pathType ?? 'no pathType';
    const text =
      path === '' || path === '/'
        ? `${type} "/" matches / itself and nothing below it; other requests get 404 from the ALB`
        : `${type} ${path} matches exactly ${path}, not what lies below it`;
    const hint = `write pathType: Prefix, or path: ${path.replace(/\/$/, '')}/*`;
    findings.push(warning(it, where, { check: 'path-matches-itself-only', text, hint }));
  }
  return findings;
}

const isRegex = (it: Linted<Ingress>): boolean => annotationsOf(it.object)[REGEX] === 'true';

/** The order in which paths of one entry of `spec.rules` become rules. */
function inRuleOrder(paths: readonly LintedPath[]): readonly LintedPath[] {
  const rank = ({ pathType }: LintedPath): number =>
    pathType === 'Exact' ? 0 : pathType === 'Prefix' ? 1 : 2;
  const length = ({ path = '', pathType }: LintedPath): number =>
    pathType === 'Prefix' ? path.length : 0;
  return [...paths].sort((a, b) => rank(a) - rank(b) || length(b) - length(a));
}

/** Paths of one host that an earlier rule takes everything from. */
function covered(it: Linted<Ingress>, paths: readonly LintedPath[]): Finding[] {
  const conditions = Object.keys(annotationsOf(it.object)).filter((key) =>
    key.startsWith('alb.ingress.kubernetes.io/conditions.'),
  );
  const isConditional = ({ backend }: LintedPath): boolean =>
    conditions.some((key) => key.endsWith(`.${backend.serviceName}`));
  const ordered = [...groupedByRule(paths).values()].flatMap(inRuleOrder);
  return ordered.flatMap((late, i) => {
    const first = ordered
      .slice(0, i)
      .find((early) => !isConditional(early) && takesAll(early, late) && !isRegex(it));
    if (first === undefined) return [];
    const text = `no request gets to ${shown(late)}: ${shown(first)} comes before it and takes all of them`;
    const hint =
      'order entries of spec.rules from the narrow to the wide; paths within one entry are ordered for you';
    const where = it.at([...late.place, 'path']);
    return [warning(it, where, { check: 'path-never-reached', text, hint })];
  });
}

function groupedByRule(paths: readonly LintedPath[]): Map<number, LintedPath[]> {
  const groups = new Map<number, LintedPath[]>();
  for (const path of paths) {
    const rule = path.place[2] as number;
    groups.set(rule, [...(groups.get(rule) ?? []), path]);
  }
  return groups;
}

const shown = ({ host, path, pathType }: LintedPath): string =>
  `${host === '' ? '*' : host}${path ?? '/'} (${pathType ?? 'no pathType'})`;

/** Whether every request that would match `late` matches `early`. */
function takesAll(early: LintedPath, late: LintedPath): boolean {
  if (early.host !== '' && early.host !== late.host) return false;
  const [wide, narrow] = [early.path ?? '/', late.path ?? '/'];
  if (early.pathType === 'Prefix') {
    const stem = wide.replace(/\/$/, '');
    return narrow === stem || narrow.startsWith(`${stem}/`) || stem === '';
  }
  if (wide === '/*' || wide === '*') return true;
  return wide === narrow && late.pathType !== 'Prefix';
}

function ofRules(it: Linted<Ingress>): Finding[] {
  const rules = it.object.spec.rules ?? [];
  return rules.flatMap((rule, i) => {
    if (rule.http !== undefined) return [];
    const text = `the rule of ${rule.host ?? 'every host'} has no http.paths: the controller leaves it out`;
    const hint = 'add http: {paths: […]}, or take the rule away';
    return [warning(it, it.at(['spec', 'rules', i]), { check: 'empty-rule', text, hint })];
  });
}

/** Hosts of rules: AWS takes 128 characters, `*` and `?`. */
function ofHosts(it: Linted<Ingress>): Finding[] {
  const seen = new Map<string, number>();
  return (it.object.spec.rules ?? []).flatMap(({ host }, i) => {
    if (host === undefined || host === '') return [];
    const before = seen.get(host);
    seen.set(host, before ?? i);
    if (before === undefined) return [];
    const text = `${host} has two entries in spec.rules: the paths of the first come before all of the second, however specific those are`;
    const hint = 'put all paths of a host into one entry; then Exact and longer ones come first';
    const where = it.at(['spec', 'rules', i, 'host']);
    return [warning(it, where, { check: 'host-twice', text, hint })];
  });
}
