/**
 * load-balancer/gateway/model/rule-transforms — URLRewrite filters, and redirects that replace a
 * prefix, as the transforms of a rule.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * route_rule_transform.go.
 */
import type { HttpMatch, HttpRule, PathModifier } from '../../../../model/kubernetes/route.ts';
import type { TransformSpec } from '../../stack/listener-spec.ts';
import type { RankedRule } from './rule-precedence.ts';

const WHOLE_HOST = '.*';
/** Without the query. */
const WHOLE_PATH = '^([^?]*)';

export function transformsOf({ route, rule, match }: RankedRule): readonly TransformSpec[] {
  if (route.route.kind !== 'HTTPRoute') return [];
  return ((rule.rule as HttpRule).filters ?? []).flatMap(({ requestRedirect, urlRewrite }) => {
    const transforms: TransformSpec[] = [];
    if (urlRewrite?.path !== undefined) transforms.push(pathRewrite(urlRewrite.path, match));
    if (urlRewrite?.hostname !== undefined) transforms.push(hostRewrite(urlRewrite.hostname));
    const path = requestRedirect?.path;
    if (path?.replacePrefixMatch !== undefined) transforms.push(pathRewrite(path, match));
    return transforms;
  });
}

const hostRewrite = (replace: string): TransformSpec => ({
  type: 'host-header-rewrite',
  hostHeaderRewriteConfig: { rewrites: [{ regex: WHOLE_HOST, replace }] },
});

const pathRewrite = (path: PathModifier, match: HttpMatch): TransformSpec => ({
  type: 'url-rewrite',
  urlRewriteConfig: {
    rewrites: [
      path.type === 'ReplaceFullPath'
        ? { regex: WHOLE_PATH, replace: path.replaceFullPath ?? '' }
        : prefixRewrite(match.path?.value ?? '/', path.replacePrefixMatch ?? ''),
    ],
  },
});

/** The slash after the prefix stays, unless the replacement ends with one. */
function prefixRewrite(prefix: string, replacement: string) {
  const slashed = replacement.endsWith('/') ? replacement : `${replacement}$2`;
  return { regex: `(^${prefix}(/)?)`, replace: replacement === '' ? '/' : slashed };
}
