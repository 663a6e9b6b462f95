/**
 * conformance/adapters/lbc-networking — upstream's table tests of subnets (pkg/networking) and of
 * security groups by name, and of a Service's ports (pkg/k8s), each table by its function.
 *
 * Schema: shared vectors lbc/README.md, "tables".
 */
import { BuildError } from '../../src/controllers/load-balancer/build-error.ts';
import { FEATURE_GATES } from '../../src/controllers/load-balancer/config/flags.data.ts';
import { resolveSecurityGroups } from '../../src/controllers/load-balancer/security-groups/resolve-security-groups.ts';
import {
  discoverSubnets,
  resolveNamedSubnets,
  selectSubnets,
} from '../../src/controllers/load-balancer/subnets/resolve-subnets.ts';
import {
  considerCandidates,
  needsIpv6,
} from '../../src/controllers/load-balancer/subnets/subnet-eligibility.ts';
import type {
  SubnetDemand,
  SubnetRules,
} from '../../src/controllers/load-balancer/subnets/subnet-reads.ts';
import type {
  SubnetFate,
  SubnetResolution,
} from '../../src/controllers/load-balancer/subnets/subnet-resolution.ts';
import { localeOf } from '../../src/controllers/load-balancer/subnets/subnet-validation.ts';
import { type Json, listOf, stubbedGroups, stubbedSubnets, subnetOf } from '../lbc-aws.ts';
import { tableAdapter } from '../lbc-table.ts';

/** A stub's error has no code with upstream. */
const stubText = (text: string): string => text.replace('api error Error: ', '');

function idsOf(resolution: SubnetResolution): readonly string[] {
  if (resolution.kind === 'unresolved') throw new BuildError(stubText(resolution.text));
  return resolution.subnets.map(({ subnetId }) => subnetId);
}

const wantIds = ({ want }: Json): unknown => listOf(want).map(({ SubnetId }) => SubnetId);

/** The names upstream's tests are built with. */
const rulesOf = (fields: Json): SubnetRules => ({
  vpcId: 'vpc-dummy',
  clusterName: 'cluster-dummy',
  featureGates: {
    ...FEATURE_GATES,
    SubnetsClusterTagCheck: fields.clusterTagCheckEnabled === true,
    ALBSingleSubnet: fields.albSingleSubnetEnabled === true,
    SubnetDiscoveryByReachability: fields.discoveryByReachabilityEnabled === true,
  },
});

/** Options are Go functions; what they capture is what they set. */
function demandOf(options: readonly Json[]): SubnetDemand {
  const set = Object.assign({}, ...options.map(({ captured }) => captured)) as Json;
  return {
    type: (set.lbType ?? 'application') as SubnetDemand['type'],
    scheme: (set.lbScheme ?? 'internet-facing') as SubnetDemand['scheme'],
    ipAddressType: (set.ipAddressType ?? set.lbIPAddressType ?? 'ipv4') as 'ipv4',
  };
}

/** What a search for subnets is run with. */
function search({ args, fields }: Json) {
  const { opts, selector, nameOrIDs } = args as Json;
  return {
    reads: stubbedSubnets((fields ?? {}) as Json),
    rules: rulesOf((fields ?? {}) as Json),
    demand: demandOf(listOf(opts)),
    selector: (selector ?? {}) as Parameters<typeof selectSubnets>[3],
    names: (nameOrIDs ?? []) as readonly string[],
  };
}

/** Ids of the case's subnets that have one of the fates, by id. */
function withFate(it: Json, demand: SubnetDemand, fates: readonly SubnetFate[]): readonly string[] {
  const considered = considerCandidates(
    listOf(it.subnets).map(subnetOf),
    rulesOf({ clusterTagCheckEnabled: true }),
    demand,
  );
  return considered
    .filter(({ fate }) => fates.includes(fate))
    .map(({ subnet }): string => subnet.subnetId)
    .sort();
}

const demandIn = ({ ipAddressType }: Json): SubnetDemand => ({
  ...demandOf([]),
  ipAddressType: (ipAddressType || 'ipv4') as 'ipv4',
});

export const adapter = tableAdapter('pkg/networking', {
  Test_defaultSubnetsResolver_ResolveViaDiscovery: {
    run: async (it) => {
      const { reads, rules, demand } = search(it);
      return idsOf(await discoverSubnets(reads, rules, demand));
    },
    wanted: wantIds,
  },
  Test_defaultSubnetsResolver_ResolveViaSelector: {
    run: async (it) => {
      const { reads, rules, demand, selector } = search(it);
      return idsOf(await selectSubnets(reads, rules, demand, selector));
    },
    wanted: wantIds,
  },
  Test_defaultSubnetsResolver_ResolveViaNameOrIDSlice: {
    run: async (it) => {
      const { reads, rules, demand, names } = search(it);
      return idsOf(await resolveNamedSubnets(reads, rules, demand, names));
    },
    wanted: wantIds,
  },
  Test_defaultSubnetsResolver_chooseSubnetsPerAZ: {
    run: (it) => withFate(it, demandIn(it), ['chosen']),
    wanted: wantIds,
  },
  Test_categorizeSubnetsByEligibility_IPv6CIDR: {
    run: (it) => ({
      eligible: withFate(it, demandIn(it), ['chosen', 'zone-taken']),
      missing: withFate(it, demandIn(it), ['no-ipv6']),
    }),
    wanted: ({ wantEligible, wantMissingIPv6CIDR }) => ({
      eligible: wantEligible,
      missing: wantMissingIPv6CIDR,
    }),
  },
  Test_isIPv6CIDRRequired: { run: (it) => needsIpv6(demandIn(it)) },
  Test_defaultSubnetsResolver_buildSDKSubnetLocaleType: {
    run: async ({ args, fields }) => {
      const subnet = subnetOf((args as Json).subnet as Json);
      const locale = await localeOf(stubbedSubnets((fields ?? {}) as Json), subnet);
      if (typeof locale !== 'string') throw new BuildError(stubText(locale.problem));
      return locale;
    },
  },
  Test_defaultSecurityGroupResolver_ResolveViaNameOrID: {
    run: async ({ args }) => {
      const { describeSGCalls, nameOrIDs } = (args ?? {}) as Json;
      const found = await resolveSecurityGroups(
        stubbedGroups(listOf(describeSGCalls)),
        'vpc-xxyy',
        (nameOrIDs ?? []) as readonly string[],
      );
      if ('problem' in found) throw new BuildError(found.problem);
      return [...found.groupIds].sort();
    },
  },
});
