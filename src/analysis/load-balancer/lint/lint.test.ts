import { describe, expect, test } from 'vitest';
import { documentsOf } from '../../../formats/documents.ts';
import { readKubernetesObjects } from '../../../formats/kubernetes-objects.ts';
import type { Finding } from './finding.ts';
import { lint } from './lint.ts';
import { lintInput } from './linted.ts';

/** Findings of one file; advice left out. */
function findings(text: string): readonly Finding[] {
  const documents = documentsOf({ path: 'a.yaml', text });
  return lint(lintInput(documents.flatMap((it) => readKubernetesObjects(it)))).filter(
    ({ severity }) => severity !== 'advice',
  );
}

const said = (text: string): string[] =>
  findings(text).map(({ where, severity, check }) => `${where.slice(7)} ${severity} ${check}`);

const ingress = (annotations: string, rest = '', name = 'web'): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
${annotations
  .split('\n')
  .map((line) => (line === '' ? '' : `    ${line}`))
  .join('\n')}
spec:
  ingressClassName: alb
${rest === '' ? '  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]' : rest}
---
`;

const service = (annotations: string, spec = ''): string => `
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-scheme: internal
${annotations
  .split('\n')
  .map((line) => (line === '' ? '' : `    ${line}`))
  .join('\n')}
spec:
  type: LoadBalancer
  ports: [{port: 80, targetPort: 8080}]
${spec}
---
`;

const ALB = 'alb.ingress.kubernetes.io';
const NLB = 'service.beta.kubernetes.io/aws-load-balancer';

describe('annotations by name', () => {
  test('an Ingress that says what it should has no findings', () => {
    expect(said(ingress(`${ALB}/scheme: internet-facing`))).toEqual([]);
  });

  test('a slip in a name is told with the nearest name, at its line and column', () => {
    const [found] = findings(ingress(`${ALB}/sceme: internal`));
    expect(found).toMatchObject({
      where: 'a.yaml:9:5',
      check: 'unknown-annotation',
      object: 'ingress/shop/web',
      hint: `did you mean ${ALB}/scheme?`,
    });
  });

  test.each([
    [`${ALB}/taget-type: ip`, `${ALB}/target-type`],
    [`${ALB}/healthcheck-interval: "15"`, `${ALB}/healthcheck-interval-seconds`],
    [`alb.ingress.kubernetes.com/scheme: internal`, `${ALB}/scheme`],
    [`${ALB}/certificate-arns: "arn:aws:acm:eu-west-1:1:certificate/1"`, `${ALB}/certificate-arn`],
  ])('%s is near %s', (line, near) => {
    const [found] = findings(ingress(line));
    expect(found?.hint).toContain(near);
  });

  test("a Service's annotation without nlb- finds the name it stands for", () => {
    const [found] = findings(service(`${NLB}-target-type: ip`));
    expect(found?.hint).toContain(`${NLB}-nlb-target-type`);
  });

  test('a family is known by its first part', () => {
    const rest =
      '  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: hi, port: {name: use-annotation}}}}]}}]';
    const action = `${ALB}/actions.hi: '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"200"}}'`;
    expect(said(ingress(action, rest))).toEqual([]);
  });

  test('old and other controllers’ annotations are told with what replaces them', () => {
    const old = findings(
      ingress('kubernetes.io/ingress.class: alb').replace('  ingressClassName: alb\n', ''),
    );
    expect(old).toMatchObject([
      { check: 'deprecated-annotation', hint: 'write spec.ingressClassName' },
    ]);
    const foreign = findings(ingress('nginx.ingress.kubernetes.io/ssl-redirect: "true"'));
    expect(foreign[0]).toMatchObject({ check: 'foreign-annotation', severity: 'warning' });
    expect(foreign[0]?.hint).toContain('ssl-redirect: "443"');
    const internal = findings(service(`${NLB}-internal: "true"`));
    expect(internal.map(({ check }) => check)).toContain('deprecated-annotation');
  });

  test("what only the in-tree controller reads is told on the AWS Load Balancer Controller's Service", () => {
    const [found] = findings(service(`${NLB}-connection-idle-timeout: "60"`));
    expect(found?.check).toBe('annotation-not-read');
  });
});

describe("annotations' values", () => {
  test.each([
    [`${ALB}/scheme: public`, `${ALB}/scheme: "public" is none of internal, internet-facing`],
    [`${ALB}/group.order: "1001"`, `${ALB}/group.order: 1001 is out of range`],
    [
      `${ALB}/healthcheck-interval-seconds: 15s`,
      `failed to parse int32 annotation, ${ALB}/healthcheck-interval-seconds: 15s: strconv.ParseInt: parsing "15s": invalid syntax`,
    ],
    [`${ALB}/tags: team`, `failed to parse stringMap annotation, ${ALB}/tags: team`],
    [`${ALB}/inbound-cidrs: 10.0.0.1`, `${ALB}/inbound-cidrs: "10.0.0.1" is not an address block`],
    [`${ALB}/listen-ports: '[{"HTTP" 80}]'`, 'failed to parse json annotation'],
    [
      `${ALB}/load-balancer-name: a-name-that-is-longer-than-thirty-two`,
      'has 37 characters, 32 are allowed',
    ],
    [`${ALB}/group.order: 5`, 'annotations are texts'],
  ])('%s', (line, text) => {
    const [found] = findings(ingress(line));
    expect(found?.check).toBe('annotation-value');
    expect(found?.text).toContain(text);
  });

  test('a truth value of the in-tree controller is none of the other’s', () => {
    const found = findings(service(`${NLB}-internal: "0.0.0.0/0"`));
    expect(found[0]?.text).toContain('failed to parse bool annotation');
  });
});

describe('Ingresses', () => {
  test('without a class nobody takes them', () => {
    const text = ingress('').replace('  ingressClassName: alb\n', '');
    expect(said(text)).toEqual(['2:1 error no-ingress-class']);
  });

  test('the class annotation wins over the class, whose parameters then do not hold', () => {
    const params = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb, parameters: {apiGroup: elbv2.k8s.aws, kind: IngressClassParams, name: p}}
---
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: p}
spec: {scheme: internal}
---
`;
    const found = findings(params + ingress('kubernetes.io/ingress.class: alb'));
    expect(found.find(({ check }) => check === 'class-said-twice')?.text).toContain(
      'IngressClassParams p does not hold',
    );
  });

  test('instance targets of a ClusterIP Service are refused as the controller does', () => {
    const text = ingress('')
      .replace('    alb.ingress.kubernetes.io/target-type: ip\n', '')
      .replace('  annotations:\n', '');
    const clusterIp = service('').replace('type: LoadBalancer', 'type: ClusterIP');
    const [found] = findings(text + clusterIp);
    expect(found).toMatchObject({ severity: 'error', check: 'instance-needs-node-port' });
    expect(found?.text).toMatch(/^TargetGroup port is empty\. When using Instance targets/);
  });

  test('ImplementationSpecific / matches nothing below it', () => {
    const rest =
      '  rules: [{http: {paths: [{path: /, pathType: ImplementationSpecific, backend: {service: {name: web, port: {number: 80}}}}]}}]';
    expect(said(ingress('', rest))).toEqual(['12:28 warning path-matches-itself-only']);
  });

  test('a wildcard belongs into ImplementationSpecific', () => {
    const rest =
      '  rules: [{http: {paths: [{path: /api/*, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]';
    const [found] = findings(ingress('', rest));
    expect(found?.text).toBe("prefix path shouldn't contain wildcards: /api/*");
  });

  test('a rule behind one that takes everything is told', () => {
    const rest = `  rules:
  - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
  - host: a.example.com
    http: {paths: [{path: /a, pathType: Exact, backend: {service: {name: web, port: {number: 80}}}}]}`;
    expect(said(ingress('', rest))).toEqual(['15:21 warning path-never-reached']);
  });

  test('use-annotation needs its action, and an action its backend', () => {
    const rest =
      '  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: hello, port: {name: use-annotation}}}}]}}]';
    const action = `${ALB}/actions.helo: '{"type":"fixed-response"}'`;
    expect(findings(ingress(action, rest)).map(({ check, hint }) => `${check}: ${hint}`)).toEqual([
      'unused-annotation: did you mean actions.hello?',
      'no-such-action: did you mean helo?',
    ]);
  });

  test("a pod's port is not the Service's", () => {
    const rest =
      '  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 8080}}}}]}}]';
    const found = findings(ingress('', rest) + service(''));
    expect(found[0]).toMatchObject({ check: 'service-port' });
    expect(found[0]?.hint).toContain("the Service's is 80");
  });

  test('HTTPS without certificate and host is refused by AWS', () => {
    expect(said(ingress(`${ALB}/listen-ports: '[{"HTTPS":443}]'`))).toEqual([
      '9:5 error no-certificate',
    ]);
  });

  test('a redirect needs the listener it redirects to', () => {
    const [found] = findings(ingress(`${ALB}/ssl-redirect: "443"`));
    expect(found?.text).toBe('listener does not exist for SSLRedirect port: 443');
  });
});

describe('groups of Ingresses', () => {
  const group = `${ALB}/group.name: all`;
  const tls = `${ALB}/certificate-arn: arn:aws:acm:eu-west-1:111122223333:certificate/1`;

  test('one member’s ssl-redirect takes the rules of the others off HTTP', () => {
    const redirecting = ingress(
      `${group}\n${tls}\n${ALB}/listen-ports: '[{"HTTP":80},{"HTTPS":443}]'\n${ALB}/ssl-redirect: "443"\n${ALB}/group.order: "9"`,
      '',
      'a',
    );
    const plain = ingress(
      `${group}\n${ALB}/group.order: "5"`,
      '  rules: [{host: b.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]',
      'b',
    );
    const found = findings(redirecting + plain);
    expect(found.map(({ check }) => check)).toEqual(['ssl-redirect-hijacks']);
    expect(found[0]?.text).toContain('the rules of shop/b on port 80 are not made');
  });

  test('members that differ where they must agree take the whole group down', () => {
    const [found] = findings(
      ingress(`${group}\n${ALB}/scheme: internal\n${ALB}/group.order: "1"`, '  rules: []', 'a') +
        ingress(`${group}\n${ALB}/scheme: internet-facing\n${ALB}/group.order: "2"`, '', 'b'),
    );
    expect(found).toMatchObject({ check: 'group-conflict', object: 'ingress/shop/b' });
  });

  test('one port has one protocol', () => {
    const found = findings(
      ingress(
        `${group}\n${ALB}/group.order: "1"\n${ALB}/listen-ports: '[{"HTTP":443}]'`,
        '  rules: []',
        'a',
      ) + ingress(`${group}\n${tls}`, '', 'b'),
    );
    expect(found.map(({ text }) => text)).toContain(
      'conflicting protocol for port 443, shop/b: HTTPS | shop/a: HTTP',
    );
  });

  test('a catch-all before others is told to stand last', () => {
    const found = findings(ingress(group, '', 'a') + ingress(group, '  rules: []', 'b'));
    expect(found.map(({ check }) => check)).toEqual(['group-order']);
  });
});

describe('Services of type LoadBalancer', () => {
  test.each([
    ['type nlb is the in-tree word', `${NLB}-type: nlb`, '', 'in-tree-type'],
    ['nlb-ip is deprecated', `${NLB}-type: nlb-ip`, '', 'deprecated-value'],
    ['external wants a target type', `${NLB}-type: external`, '', 'external-without-target-type'],
    [
      'Elastic IPs want internet-facing',
      `${NLB}-eip-allocations: eipalloc-1`,
      '',
      'addresses-of-scheme',
    ],
    ['ssl-ports want a certificate', `${NLB}-ssl-ports: "443"`, '', 'no-certificate'],
    [
      'a health check of its own hides where pods are',
      `${NLB}-healthcheck-port: traffic-port`,
      '  externalTrafficPolicy: Local',
      'local-health-check',
    ],
    [
      'no NodePort, no instances',
      '',
      '  allocateLoadBalancerNodePorts: false',
      'instance-needs-node-port',
    ],
    [
      'security groups of one’s own leave nodes shut',
      `${NLB}-security-groups: sg-1`,
      '',
      'backend-rules',
    ],
    [
      'another class is another’s',
      `${NLB}-type: external`,
      '  loadBalancerClass: example.com/lb',
      'class-of-another',
    ],
  ])('%s', (_, annotation, spec, check) => {
    expect(findings(service(annotation, spec)).map((it) => it.check)).toContain(check);
  });

  test('TCP and UDP on one port lose one of them without a word', () => {
    const both = service('').replace(
      '[{port: 80, targetPort: 8080}]',
      '[{name: a, port: 53, protocol: UDP}, {name: b, port: 53, protocol: TCP}]',
    );
    expect(findings(both)[0]?.text).toContain('port 53 is UDP and TCP: the first wins');
  });

  test('the scheme that nobody wrote is internal', () => {
    const text = service(`${NLB}-nlb-target-type: ip`).replace(`    ${NLB}-scheme: internal\n`, '');
    expect(findings(text).map(({ check }) => check)).toEqual(['scheme-by-default']);
  });

  test('61 rules are one too many for a security group', () => {
    const blocks = Array.from({ length: 61 }, (_, i) => `10.0.${i}.0/24`).join(', ');
    const found = findings(service('', `  loadBalancerSourceRanges: [${blocks}]`));
    expect(found[0]).toMatchObject({ check: 'rules-per-security-group' });
  });
});

test('a field that IngressClassParams does not have is dropped by the API server', () => {
  const found = findings(`
apiVersion: elbv2.k8s.aws/v1beta1
kind: IngressClassParams
metadata: {name: p}
spec: {Scheme: internal, targetType: pod}
`);
  expect(found.map(({ check, hint }) => `${check}: ${hint}`)).toEqual([
    'unknown-field: did you mean scheme?',
    'field-value: write instance or ip',
  ]);
});
