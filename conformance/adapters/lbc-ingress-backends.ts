/**
 * conformance/adapters/lbc-ingress-backends — upstream's table tests of backends, actions,
 * conditions and rules of Ingresses (pkg/ingress).
 *
 * Schema: shared vectors lbc/README.md, "tables".
 */
import {
  type Authentication,
  authenticationOf,
} from '../../src/controllers/load-balancer/ingress/authentication.ts';
import {
  annotatedAction,
  type BackendAction,
  forwardTo,
  unavailable,
} from '../../src/controllers/load-balancer/ingress/backend-action.ts';
import {
  annotatedConditions,
  annotatedTransforms,
  type WrittenCondition,
} from '../../src/controllers/load-balancer/ingress/condition-annotation.ts';
import {
  authenticationFor,
  enhancedBackend,
  servedAction,
} from '../../src/controllers/load-balancer/ingress/enhanced-backend.ts';
import { RuleActions } from '../../src/controllers/load-balancer/ingress/rule-actions.ts';
import {
  pathPatterns,
  ruleConditions,
  sortedPaths,
} from '../../src/controllers/load-balancer/ingress/rule-conditions.ts';
import {
  isInfiniteRedirect,
  isSuperset,
  optimizedRules,
  redirectOf,
  type WantedRule,
} from '../../src/controllers/load-balancer/ingress/rule-optimizer.ts';
import { sslRedirectAction } from '../../src/controllers/load-balancer/ingress/ssl-redirect.ts';
import { Stack } from '../../src/controllers/load-balancer/stack/stack.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import type { IngressBackend, IngressPath } from '../../src/model/kubernetes/ingress.ts';
import type { KubernetesObject, Labels } from '../../src/model/kubernetes/meta.ts';
import { type Json, listOf } from '../lbc-aws.ts';
import { groupOf, ingressOf, memberOf, settingsOf } from '../lbc-ingress.ts';
import { stubbedReads } from '../lbc-ingress-reads.ts';
import { errorOnly, SKIPPED, type TableRule, tableAdapter } from '../lbc-table.ts';

const argsOf = ({ args }: Json): Json => (args ?? {}) as Json;
const servicesNamed =
  (list: unknown) =>
  (namespace: string, name: string): Service | undefined =>
    listOf(list).find((it) => {
      const { metadata } = it as unknown as KubernetesObject;
      return metadata.namespace === namespace && metadata.name === name;
    }) as unknown as Service | undefined;

/** As upstream's struct has it. */
const authenticationJson = ({ cognito, oidc, ...rest }: Authentication): Json => ({
  ...rest,
  idpConfigCognito: cognito,
  idpConfigOIDC: oidc,
});

const tolerance = (fields: unknown) => {
  const given = (fields ?? {}) as Json;
  return {
    tolerateNonExistentBackendService: given.tolerateNonExistentBackendService === true,
    tolerateNonExistentBackendAction: given.tolerateNonExistentBackendAction === true,
  };
};

const buildsBackend: TableRule = {
  run: (it) => {
    const { ing, backend, loadAuthConfig, loadBackendServices } = argsOf(it);
    const services = servicesNamed((it.env as Json | undefined)?.svcs);
    // Without loading Services upstream only indexes, which `askedAction` does here.
    if (loadBackendServices === false) return SKIPPED;
    const built = enhancedBackend(
      ingressOf(ing),
      backend as IngressBackend,
      tolerance(it.fields),
      services,
    );
    const { action, conditions, transforms, authentication, jwtValidation } = built;
    return {
      action,
      conditions,
      transforms,
      authConfig: loadAuthConfig === true ? authenticationJson(authentication) : undefined,
      jwtValidationConfig: jwtValidation,
    };
  },
};

const rulesOf = (list: unknown): readonly WantedRule[] =>
  listOf(list).map((it) => ({ conditions: [], actions: [], ...it }) as unknown as WantedRule);

/** These two tables read under the prefix of Services. */
function reprefixed(json: unknown): ReturnType<typeof memberOf> {
  const member = memberOf(json as Json);
  const { metadata } = member.ingress;
  const annotations = Object.fromEntries(
    Object.entries(metadata.annotations ?? {})
      .filter(([key]) => key.startsWith('service.beta.kubernetes.io/'))
      .map(([key, value]) => [key.replace('service.beta', 'alb.ingress'), value]),
  );
  return { ingress: { ...member.ingress, metadata: { ...metadata, annotations } } };
}

const patternsOf = (it: Json, pathType?: string): unknown => {
  const { path, pathType: given } = argsOf(it);
  const { values } = pathPatterns(memberOf({}), {
    path: String(path),
    pathType: pathType ?? (given == null ? undefined : String(given)),
  });
  return values;
};

/** Actions of a group of nobody, over stubbed reads. */
const actionsOver = (stubs: Parameters<typeof stubbedReads>[0], member: Json = {}) => {
  const group = groupOf({});
  const build = {
    group,
    settings: settingsOf({}),
    reads: stubbedReads(stubs),
    stack: new Stack(group.id),
  };
  const balancer = {
    name: 'a',
    scheme: 'internal',
    ipAddressType: 'ipv4',
    securityGroups: [],
    backendGroup: undefined,
    usesBackendSecurityGroup: false,
  } as const;
  const actions = new RuleActions(build, balancer);
  const none = authenticationOf({});
  return (
    action: BackendAction,
    authentication: Authentication = none,
    jwtValidation?: Parameters<RuleActions['of']>[2]['jwtValidation'],
  ) =>
    actions.of('HTTPS', memberOf(member), {
      action,
      conditions: [],
      transforms: [],
      authentication,
      jwtValidation,
    });
};

const ANSWER: BackendAction = unavailable('');

const buildsOidc: TableRule = {
  run: async (it) => {
    const { authCfg, namespace } = argsOf(it);
    const { idpConfigOIDC, ...rest } = authCfg as Json;
    const secrets = listOf((it.env as Json | undefined)?.secrets);
    const actions = actionsOver(
      {
        secret: (_namespace, name) =>
          secrets.find((secret) => (secret.metadata as Json).name === name) as unknown as
            | KubernetesObject
            | undefined,
      },
      { ing: { metadata: { namespace } } },
    );
    const oidc = (idpConfigOIDC ?? undefined) as Authentication['oidc'];
    const login = { ...(rest as unknown as Authentication), type: 'oidc', oidc } as const;
    return (await actions(ANSWER, login))[0];
  },
};

export const adapter = tableAdapter('pkg/ingress', {
  Test_defaultAuthConfigBuilder_Build: {
    run: (it) => authenticationJson(authenticationOf(argsOf(it).svcAndIngAnnotations as Labels)),
  },
  Test_defaultEnhancedBackendBuilder_Build: buildsBackend,
  Test_defaultEnhancedBackendBuilder_build503ResponseAction: {
    run: (it) => unavailable(String(argsOf(it).messageBody)),
  },
  Test_defaultEnhancedBackendBuilder_buildActionViaAnnotation: {
    run: (it) =>
      annotatedAction(
        String(argsOf(it).svcName),
        argsOf(it).ingAnnotation as Labels,
        tolerance(it.fields).tolerateNonExistentBackendAction,
      ),
  },
  Test_defaultEnhancedBackendBuilder_buildActionViaServiceAndServicePort: {
    run: (it) => forwardTo(String(argsOf(it).svcName), argsOf(it).svcPort as string),
  },
  Test_defaultEnhancedBackendBuilder_buildConditions: {
    run: (it) =>
      annotatedConditions(String(argsOf(it).svcName), argsOf(it).ingAnnotation as Labels),
  },
  Test_defaultEnhancedBackendBuilder_buildTransforms: {
    run: (it) =>
      annotatedTransforms(String(argsOf(it).svcName), argsOf(it).ingAnnotation as Labels),
  },
  Test_defaultEnhancedBackendBuilder_loadBackendServices: {
    run: (it) => {
      const { action, namespace, backendServices } = argsOf(it);
      const known = [
        ...listOf((it.env as Json | undefined)?.svcs),
        ...Object.values((backendServices ?? {}) as Json),
      ];
      const { tolerateNonExistentBackendService: tolerant } = tolerance(it.fields);
      const asked = action as BackendAction;
      return servedAction(asked, String(namespace), servicesNamed(known), tolerant);
    },
    wanted: ({ wantAction }) => wantAction,
  },
  Test_defaultModelBuildTask_buildAuthenticateOIDCAction: buildsOidc,
  Test_defaultModelBuildTask_buildForwardActionWithTargetGroupName: {
    run: async (it) => {
      const { forwardActionConfig, describeTargetGroupsAsListCalls, cache } = argsOf(it);
      const known = new Map(Object.entries((cache ?? {}) as Record<string, string>));
      for (const { req, resp } of listOf(describeTargetGroupsAsListCalls)) {
        const [name] = (req as Json).Names as readonly string[];
        known.set(name!, String(listOf(resp)[0]?.TargetGroupArn));
      }
      const forwardConfig = forwardActionConfig as never;
      const actions = actionsOver({ targetGroupArn: async (name) => known.get(name)! });
      return (await actions({ type: 'forward', forwardConfig }))[0];
    },
  },
  Test_defaultModelBuildTask_buildJwtValidationAction: {
    run: async (it) => {
      const config = argsOf(it).jwtValidationConfig ?? undefined;
      const actions = await actionsOver({})(ANSWER, undefined, config as never);
      return actions.find(({ type }) => type === 'jwt-validation');
    },
  },
  Test_defaultModelBuildTask_buildPathPatterns: {
    run: (it) => patternsOf(it),
  },
  Test_defaultModelBuildTask_buildPathPatternsForExactPathType: {
    run: (it) => patternsOf(it, 'Exact'),
  },
  Test_defaultModelBuildTask_buildPathPatternsForPrefixPathType: {
    run: (it) => patternsOf(it, 'Prefix'),
  },
  Test_defaultModelBuildTask_buildImplementationSpecificPathPatterns: {
    run: (it) => pathPatterns(reprefixed(argsOf(it).ing), { path: String(argsOf(it).path) }),
    wanted: ({ wantValues, wantRegexValues }) => ({
      values: wantValues,
      regexValues: wantRegexValues,
    }),
  },
  Test_defaultModelBuildTask_buildRuleConditions: {
    run: ({ ing, rule, path, backend }) =>
      ruleConditions(
        reprefixed(ing),
        (rule as Json).host as string | undefined,
        path as unknown as IngressPath,
        ((backend as Json).conditions ?? []) as readonly WrittenCondition[],
      ),
  },
  Test_defaultModelBuildTask_buildTransforms: {
    run: (it) => {
      const transforms = JSON.stringify((argsOf(it).backend as Json).transforms ?? []);
      return annotatedTransforms('it', { 'alb.ingress.kubernetes.io/transforms.it': transforms });
    },
  },
  Test_defaultModelBuildTask_classifyIngressPathsByType: {
    run: (it) => sortedPaths(listOf(argsOf(it).paths) as unknown as readonly IngressPath[]),
    wanted: errorOnly,
  },
  Test_defaultModelBuildTask_sortIngressPath: {
    run: (it) => sortedPaths(listOf(argsOf(it).paths) as unknown as readonly IngressPath[]),
  },
  Test_defaultModelBuildTask_buildSSLRedirectAction: {
    run: (it) => sslRedirectAction(Number((argsOf(it).sslRedirectConfig as Json).sslPort)),
  },
  Test_defaultRuleOptimizer_Optimize: {
    run: (it) => {
      const { port, protocol, rules } = argsOf(it);
      return optimizedRules(Number(port), String(protocol), rulesOf(rules));
    },
  },
  Test_isInfiniteRedirectRule: {
    run: (it) => {
      const { port, protocol, rule } = argsOf(it);
      return isInfiniteRedirect(Number(port), String(protocol), rulesOf([rule])[0]!);
    },
  },
  Test_isSupersetConditions: {
    run: (it) =>
      isSuperset(
        (argsOf(it).lhsConditions ?? []) as never,
        (argsOf(it).rhsConditions ?? []) as never,
      ),
  },
  TestIsSupersetConditions_DifferentRegexPaths: {
    run: ({ lhsRules, rhsRules }) => isSuperset(lhsRules as never, rhsRules as never),
    wanted: ({ expected }) => expected,
  },
  Test_findRedirectActionConfig: { run: (it) => redirectOf((argsOf(it).actions ?? []) as never) },
  Test_defaultEnhancedBackendBuilder_buildAuthConfig: {
    run: (it) => {
      const { action, namespace, ingAnnotation, backendServices } = argsOf(it);
      const services = (backendServices ?? {}) as Readonly<Record<string, Service>>;
      const authentication = authenticationFor(
        action as BackendAction,
        String(namespace),
        ingAnnotation as Labels,
        (ofNamespace, name) => services[`${ofNamespace}/${name}`],
      );
      return authenticationJson(authentication);
    },
  },
});
