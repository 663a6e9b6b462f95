/**
 * load-balancer/ingress/condition-annotation — `conditions.NAME` and `transforms.NAME`: what a
 * request must have besides host and path, and what is made of it. The webhook asks here too.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/config_types.go (RuleCondition,
 * Transform), enhanced_backend_builder.go buildConditions, buildTransforms.
 */
import { listOf, type Shape, struct, TEXT, TEXTS } from '../annotations/go-shape.ts';
import type { Annotations } from '../annotations/parser.ts';
import { BuildError, within } from '../build-error.ts';
import type { RuleConditionSpec, TransformSpec } from '../stack/listener-spec.ts';
import { alb } from './alb-annotations.ts';

interface Matched {
  readonly regexValues?: readonly string[];
  readonly values?: readonly string[];
}

/** As the annotation has it; `field` says which config counts. */
export interface WrittenCondition {
  readonly field?: string;
  readonly hostHeaderConfig?: Matched;
  readonly httpHeaderConfig?: Matched & { readonly httpHeaderName?: string };
  readonly httpRequestMethodConfig?: { readonly values?: readonly string[] };
  readonly pathPatternConfig?: Matched;
  readonly queryStringConfig?: {
    readonly values?: readonly { readonly key?: string; readonly value?: string }[];
  };
  readonly sourceIPConfig?: { readonly values?: readonly string[] };
}

const MATCHED: Readonly<Record<string, Shape>> = { regexValues: TEXTS, values: TEXTS };

const CONDITION = struct('RuleCondition', {
  field: { kind: 'string', go: 'RuleConditionField' },
  hostHeaderConfig: struct('HostHeaderConditionConfig', MATCHED),
  httpHeaderConfig: struct('HTTPHeaderConditionConfig', { httpHeaderName: TEXT, ...MATCHED }),
  httpRequestMethodConfig: struct('HTTPRequestMethodConditionConfig', { values: TEXTS }),
  pathPatternConfig: struct('PathPatternConditionConfig', MATCHED),
  queryStringConfig: struct('QueryStringConditionConfig', {
    values: listOf(struct('QueryStringKeyValuePair', { key: TEXT, value: TEXT })),
  }),
  sourceIPConfig: struct('SourceIPConditionConfig', { values: TEXTS }),
});

/** Conditions of a backend, not looked at. @param name  of the backend's Service */
export const writtenConditions = (
  name: string,
  annotations: Annotations,
): readonly WrittenCondition[] =>
  (
    (alb.json(`conditions.${name}`, annotations, listOf(CONDITION), 'ingress') ?? []) as readonly (
      | WrittenCondition
      | undefined
    )[]
  ).map((it) => it ?? {});

/** Conditions of a backend. @throws BuildError  where one has no config, or an empty one */
export function annotatedConditions(
  name: string,
  annotations: Annotations,
): readonly WrittenCondition[] {
  const conditions = writtenConditions(name, annotations);
  for (const condition of conditions) checkCondition(condition);
  return conditions;
}

type Config = Exclude<keyof WrittenCondition, 'field'>;

const CONFIG_OF: Readonly<Record<string, Config>> = {
  'host-header': 'hostHeaderConfig',
  'path-pattern': 'pathPatternConfig',
  'http-header': 'httpHeaderConfig',
  'http-request-method': 'httpRequestMethodConfig',
  'query-string': 'queryStringConfig',
  'source-ip': 'sourceIPConfig',
};

/** An unknown field is let through: it makes no condition. @throws BuildError */
export function checkCondition(condition: WrittenCondition): void {
  const name = CONFIG_OF[condition.field ?? ''];
  if (name === undefined) return;
  if (condition[name] === undefined) throw new BuildError(`missing ${name}`);
  within(`invalid ${name}`, () => {
    if (name === 'queryStringConfig') checkQuery(condition.queryStringConfig);
    else if (name === 'sourceIPConfig' || name === 'httpRequestMethodConfig') {
      if ((condition[name]?.values ?? []).length === 0) {
        throw new BuildError('values cannot be empty');
      }
    } else checkMatched(condition[name] ?? {});
  });
}

function checkMatched({ values = [], regexValues = [] }: Matched): void {
  if (values.length === 0 && regexValues.length === 0) {
    throw new BuildError('values or regexValues must be specified');
  }
  if (values.length > 0 && regexValues.length > 0) {
    throw new BuildError('precisely one of values and regexValues can be specified');
  }
}

function checkQuery({ values = [] }: WrittenCondition['queryStringConfig'] = {}): void {
  if (values.length === 0) throw new BuildError('Values cannot be empty');
  if (values.some((pair) => !pair?.value)) throw new BuildError('value cannot be empty');
}

/** Conditions other than host and path, which have rules of their own. */
export function ownConditionSpec(condition: WrittenCondition): RuleConditionSpec | undefined {
  switch (condition.field) {
    case 'http-header': {
      const { httpHeaderName = '', regexValues, values } = condition.httpHeaderConfig ?? {};
      return { field: 'http-header', httpHeaderConfig: { httpHeaderName, regexValues, values } };
    }
    case 'http-request-method': {
      const { values = [] } = condition.httpRequestMethodConfig ?? {};
      return { field: 'http-request-method', httpRequestMethodConfig: { values } };
    }
    case 'query-string': {
      const values = (condition.queryStringConfig?.values ?? []).map((pair) => ({
        key: pair.key,
        value: pair.value ?? '',
      }));
      return { field: 'query-string', queryStringConfig: { values } };
    }
    case 'source-ip': {
      const { values = [] } = condition.sourceIPConfig ?? {};
      return { field: 'source-ip', sourceIPConfig: { values } };
    }
    default:
      return undefined;
  }
}

interface WrittenTransform {
  readonly type?: string;
  readonly hostHeaderRewriteConfig?: Rewrites;
  readonly urlRewriteConfig?: Rewrites;
}

interface Rewrites {
  readonly rewrites?: readonly { readonly regex?: string; readonly replace?: string }[];
}

const REWRITES = struct('RewriteConfigObject', {
  rewrites: listOf(struct('RewriteConfig', { regex: TEXT, replace: TEXT })),
});

const TRANSFORM = struct('Transform', {
  type: { kind: 'string', go: 'TransformType' },
  hostHeaderRewriteConfig: REWRITES,
  urlRewriteConfig: REWRITES,
});

/** Transforms of a backend. @throws BuildError  where one has no rewrites */
export function annotatedTransforms(
  name: string,
  annotations: Annotations,
): readonly TransformSpec[] {
  const key = `transforms.${name}`;
  const written = alb.json(key, annotations, listOf(TRANSFORM), 'ingress') ?? [];
  return (written as readonly (WrittenTransform | undefined)[]).map((it) =>
    transformSpec(it ?? {}),
  );
}

function transformSpec(transform: WrittenTransform): TransformSpec {
  switch (transform.type) {
    case 'host-header-rewrite': {
      const name = 'hostHeaderRewriteConfig';
      return { type: 'host-header-rewrite', [name]: rewritesOf(transform[name], name) };
    }
    case 'url-rewrite': {
      const name = 'urlRewriteConfig';
      return { type: 'url-rewrite', [name]: rewritesOf(transform[name], name) };
    }
    default:
      throw new BuildError(`unknown transform type: ${transform.type ?? ''}`);
  }
}

function rewritesOf(config: Rewrites | undefined, name: string) {
  if (config === undefined) throw new BuildError(`missing ${name}`);
  const { rewrites = [] } = config;
  if (rewrites.length === 0) throw new BuildError(`${name}.rewrites cannot be empty`);
  return {
    rewrites: rewrites.map((it) => ({ regex: it?.regex ?? '', replace: it?.replace ?? '' })),
  };
}
