/**
 * load-balancer/ingress/add-ons — web ACLs and Shield on a group's load balancer: declared in the
 * stack, no firewall is simulated.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_load_balancer_addons.go.
 */
import { listText } from '../annotations/go-literals.ts';
import { BuildError, builtSoon } from '../build-error.ts';
import { alb } from './alb-annotations.ts';
import type { ClassifiedIngress } from './group.ts';
import {
  annotationsOf,
  explicitValues,
  type GroupBuild,
  LOAD_BALANCER,
  LOAD_BALANCER_ARN,
} from './group-build.ts';

/** Takes an association away. */
const NONE = 'none';

/** @throws BuildError  where members disagree, or a web ACL's name is unknown */
export async function addAddOns(build: GroupBuild): Promise<void> {
  const { stack, group } = build;
  const resourceARN = LOAD_BALANCER_ARN;
  const webACLARN = await webAclArnOf(build);
  if (webACLARN !== undefined) {
    const spec = { webACLARN: webACLARN === NONE ? '' : webACLARN, resourceARN };
    stack.add('AWS::WAFv2::WebACLAssociation', LOAD_BALANCER, spec);
  }
  const webACLID = regionalWebAclOf(group.members);
  if (webACLID !== undefined) {
    const spec = { webACLID: webACLID === NONE ? '' : webACLID, resourceARN };
    stack.add('AWS::WAFRegional::WebACLAssociation', LOAD_BALANCER, spec);
  }
  const enabled = shieldOf(group.members);
  if (enabled !== undefined) {
    stack.add('AWS::Shield::Protection', LOAD_BALANCER, { enabled, resourceARN });
  }
}

/** A name wins over an ARN. Of a name that is `none` the association is taken away. */
async function webAclArnOf({ group, reads }: GroupBuild): Promise<string | undefined> {
  const { members } = group;
  const names = explicitValues(members, 'wafv2-acl-name', ({ wafv2AclName }) => wafv2AclName);
  const given = names.filter((it) => it !== '');
  const [name] = given;
  if (name === undefined) {
    const arns = explicitValues(members, 'wafv2-acl-arn', ({ wafv2AclArn }) => wafv2AclArn);
    if (arns.length > 1) throw new BuildError(`conflicting WAFv2 WebACL ARNs: ${listText(arns)}`);
    return arns[0];
  }
  if (given.length > 1) throw new BuildError(`conflicting WAFv2 WebACL names: ${listText(given)}`);
  if (name === NONE) return NONE;
  const arn = await builtSoon(() => reads.webAclArn(name));
  if (arn instanceof BuildError) {
    throw new BuildError(`couldn't find WAFv2 WebACL with name: ${name}`);
  }
  return arn;
}

function regionalWebAclOf(members: readonly ClassifiedIngress[]): string | undefined {
  const ids = new Set<string>();
  for (const member of members) {
    const annotations = annotationsOf(member);
    const id = alb.string('waf-acl-id', annotations) ?? alb.string('web-acl-id', annotations);
    if (id) ids.add(id);
  }
  if (ids.size > 1) {
    throw new BuildError(`conflicting WAFClassic WebACL IDs: ${listText([...ids].sort())}`);
  }
  return [...ids][0];
}

function shieldOf(members: readonly ClassifiedIngress[]): boolean | undefined {
  const wishes = new Set<boolean>();
  for (const member of members) {
    const wish = alb.bool('shield-advanced-protection', annotationsOf(member));
    if (wish !== undefined) wishes.add(wish);
  }
  if (wishes.size > 1) throw new BuildError('conflicting enable shield advanced protection');
  return [...wishes][0];
}
