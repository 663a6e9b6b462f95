/**
 * conformance/adapters/lbc-ingress-groups — upstream's table tests of classes, groups, finalizers
 * and references of Ingresses (pkg/ingress).
 *
 * Schema: shared vectors lbc/README.md, "tables".
 */
import {
  explicitGroup,
  type GroupId,
  groupFinalizer,
  groupOfText,
  groupsOfFinalizers,
  holdsGroupFinalizer,
  implicitGroup,
  isExplicit,
  memberKey,
} from '../../src/controllers/load-balancer/ingress/group.ts';
import {
  checkGroupName,
  groupIdOf,
  loadGroup,
  membershipOf,
  ordered,
  standingOf,
} from '../../src/controllers/load-balancer/ingress/group-loading.ts';
import {
  checkNamespace,
  classified,
  classOf,
  matchesClassAnnotation,
  paramsNameOf,
} from '../../src/controllers/load-balancer/ingress/ingress-class.ts';
import {
  secretNamesOf,
  serviceNamesOf,
} from '../../src/controllers/load-balancer/ingress/references.ts';
import { stackIdText } from '../../src/controllers/load-balancer/stack/stack.ts';
import type { IngressClass, IngressClassParams } from '../../src/model/kubernetes/ingress.ts';
import { type Json, listOf } from '../lbc-aws.ts';
import { ingressOf, memberOf } from '../lbc-ingress.ts';
import { lookupsOf, withDeletion } from '../lbc-ingress-store.ts';
import { type TableRule, tableAdapter } from '../lbc-table.ts';

const argsOf = ({ args }: Json): Json => (args ?? {}) as Json;
const idOf = (json: unknown): GroupId => ({
  namespace: String((json as Json).namespace ?? ''),
  name: String((json as Json).name ?? ''),
});
const flagOf = ({ fields }: Json): string => {
  const { ingressClass, manageIngressesWithoutIngressClass } = (fields ?? {}) as Json;
  return manageIngressesWithoutIngressClass === true ? '' : String(ingressClass || 'alb');
};

/** Keys tell who it is; the objects are the case's own. */
const keysOf = (members: unknown): readonly string[] =>
  listOf(members).map((it) => memberKey(memberOf(it)));

const classWanted = (json: unknown): unknown => {
  const { ingClass, ingClassParams } = (json ?? {}) as Json;
  return { ingressClass: ingClass, params: ingClassParams };
};

const STANDINGS = ['none', 'member', 'inactive'];

const RULES: Readonly<Record<string, TableRule>> = {
  TestGroupID_IsExplicit: { run: ({ groupID }) => isExplicit(idOf(groupID)) },
  TestGroupID_String: { run: ({ groupID }) => stackIdText(idOf(groupID)) },
  TestNewGroupIDForExplicitGroup: { run: ({ groupName }) => explicitGroup(String(groupName)) },
  TestNewGroupIDForImplicitGroup: {
    run: ({ ingKey }) => implicitGroup(ingressOf({ metadata: ingKey })),
  },
  TestEncodeGroupIDToReconcileRequest: {
    run: ({ groupID }) => ({ NamespacedName: groupOfText(stackIdText(idOf(groupID))) }),
  },
  TestDecodeGroupIDFromReconcileRequest: {
    run: ({ request }) => groupOfText(stackIdText(idOf((request as Json).NamespacedName))),
  },
  Test_buildGroupFinalizer: { run: ({ groupID }) => groupFinalizer(idOf(groupID)) },
  Test_validateGroupName: {
    callersPart: 'invalid ingress group: ',
    run: ({ groupName }) => {
      checkGroupName(String(groupName));
    },
  },
  Test_defaultClassAnnotationMatcher_Matches: {
    run: ({ fields, args }) =>
      matchesClassAnnotation(
        String((args as Json).ingClassAnnotation ?? ''),
        String((fields as Json).ingressClass ?? ''),
      ),
  },
  Test_defaultClassLoader_Load: {
    run: (it) => classOf(ingressOf(argsOf(it).ing), lookupsOf(it.env as Json)),
    wanted: ({ want }) => classWanted(want),
  },
  Test_defaultClassLoader_validateIngressClassParamsNamespaceRestriction: {
    callersPart: 'invalid ingress class: ',
    run: (it) => {
      const { ing, ingClassParams, admissionReq } = argsOf(it);
      const request = ((admissionReq as Json | null)?.AdmissionRequest ?? {}) as Json;
      const namespace = request.Namespace ?? ingressOf(ing).metadata.namespace;
      const params = ingClassParams as IngressClassParams;
      checkNamespace(params, String(namespace), lookupsOf(it.env as Json));
    },
  },
  Test_defaultGroupLoader_classifyIngress: {
    run: (it) =>
      classified(ingressOf(argsOf(it).ing), lookupsOf(it.env as Json), flagOf(it)) !== undefined,
    wanted: ({ wantIngressClassMatches }) => wantIngressClassMatches,
  },
  Test_defaultGroupLoader_loadGroupID: {
    run: (it) => groupIdOf(memberOf(argsOf(it).classifiedIng as Json)),
  },
  Test_defaultGroupLoader_loadGroupIDIfAnyHelper: {
    run: (it) => membershipOf(ingressOf(argsOf(it).ing), lookupsOf(it.env as Json), 'alb')?.id,
    wanted: ({ wantGroupID }) => wantGroupID,
  },
  Test_defaultGroupLoader_checkGroupMembershipType: {
    run: (it) => {
      const { ing, groupID } = argsOf(it);
      const lookups = lookupsOf(it.env as Json);
      const standing = standingOf(withDeletion(ing), idOf(groupID), lookups, 'alb');
      if (standing === undefined) return 'none';
      return standing === 'inactive' ? standing : 'member';
    },
    wanted: ({ wantMembershipType }) => STANDINGS[Number(wantMembershipType ?? 0)],
  },
  Test_defaultGroupLoader_Load: {
    run: (it) => {
      const id = idOf(argsOf(it).groupID);
      const { members, inactiveMembers } = loadGroup(id, lookupsOf(it.env as Json), 'alb');
      return { members: members.map(memberKey), inactive: inactiveMembers.map(keyOfIngress) };
    },
    wanted: ({ want }) => {
      const { members, inactiveMembers } = (want ?? {}) as Json;
      return {
        members: keysOf(members),
        inactive: listOf(inactiveMembers).map((it) => keyOfIngress(ingressOf(it))),
      };
    },
  },
  Test_defaultGroupLoader_LoadGroupIDsPendingFinalization: {
    run: (it) => groupsOfFinalizers(ingressOf(argsOf(it).ing)),
  },
  Test_defaultGroupLoader_containsGroupFinalizer: {
    run: (it) => holdsGroupFinalizer(ingressOf(argsOf(it).ing), idOf(argsOf(it).groupID)),
  },
  Test_defaultGroupLoader_sortGroupMembers: {
    run: ({ members }) => ordered(listOf(members).map(memberOf)).map(memberKey),
    wanted: ({ want }) => keysOf(want),
  },
  Test_defaultReferenceIndexer_BuildIngressClassParamsRefIndexes: {
    run: (it) => {
      const name = paramsNameOf(argsOf(it).ingClass as IngressClass);
      return name === undefined ? [] : [name];
    },
  },
  Test_defaultReferenceIndexer_BuildIngressClassRefIndexes: {
    run: (it) => [ingressOf(argsOf(it).ing).spec.ingressClassName ?? []].flat(),
  },
  Test_defaultReferenceIndexer_BuildSecretRefIndexes: {
    run: (it) => secretNamesOf(ingressOf(argsOf(it).ingOrSvc).metadata.annotations),
  },
  Test_defaultReferenceIndexer_BuildServiceRefIndexes: {
    run: (it) => serviceNamesOf(ingressOf(argsOf(it).ing)),
  },
};

function keyOfIngress({ metadata }: ReturnType<typeof ingressOf>): string {
  return `${metadata.namespace}/${metadata.name}`;
}

export const adapter = tableAdapter('pkg/ingress', RULES);
