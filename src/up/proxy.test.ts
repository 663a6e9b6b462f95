import { createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runningTwin } from '../api/running-twin.fixture.ts';
import { buildTwin } from '../twin/build.ts';
import { smallCluster } from '../twin/small-cluster.fixture.ts';
import type { Twin } from '../twin/twin.ts';
import { proxyService } from './proxy.ts';

const SHOP = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: shop, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/actions.old: >-
      {"type":"redirect","redirectConfig":{"path":"/new","statusCode":"HTTP_301"}}
spec:
  ingressClassName: alb
  rules:
    - http:
        paths:
          - {path: /old, pathType: Exact, backend: {service: {name: old, port: {name: use-annotation}}}}
          - {path: /shop, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}
`;

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

describe('the proxy into the twin', () => {
  let twin: Twin;
  let server: Server;
  let port: number;
  let host: string;

  beforeAll(async () => {
    const files = [
      { path: 'cluster.yaml', text: smallCluster(2) },
      { path: 'shop.yaml', text: SHOP },
    ];
    twin = await buildTwin(files, { seed: 1, with: ['aws-load-balancer-controller'] });
    await twin.settle();
    const service = proxyService(runningTwin(twin));
    server = createServer((request, response) => void service.request(request, response));
    server.on('connect', (request, socket, head) => void service.upgrade?.(request, socket, head));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    host = twin.store.list('elbv2/load-balancer')[0]?.dnsName ?? '';
    expect(host).toContain('.elb.amazonaws.com');
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const ask = (
    path: string,
    { method = 'GET', headers = {}, body = '' } = {},
  ): Promise<Got | string> =>
    new Promise((resolve) => {
      const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      });
      asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      asked.end(body);
    });

  test('a name of a load balancer leads from the internet to a pod behind it', async () => {
    const got = (await ask(`http://${host}/shop/cart?id=1`, {
      headers: { Host: host, 'Proxy-Connection': 'keep-alive', 'X-Mine': 'yes' },
    })) as Got;
    expect(got.status).toBe(200);
    const { pod, path, headers } = JSON.parse(got.body);
    expect(pod).toMatch(/^shop-/);
    expect(path).toBe('/shop/cart?id=1');
    expect(headers).toMatchObject({ 'X-Mine': 'yes', 'X-Forwarded-Proto': 'http' });
    expect(Object.keys(headers).map((it) => it.toLowerCase())).not.toContain('proxy-connection');
  });

  test('what the load balancer answers itself is passed on: a redirect, a 404', async () => {
    expect(await ask(`http://${host}/old`, { headers: { Host: host } })).toMatchObject({
      status: 301,
      headers: { server: 'awselb/2.0', location: `http://${host}:80/new` },
    });
    const missing = (await ask(`http://${host}/nothing`)) as Got;
    expect([missing.status, missing.headers.server]).toEqual([404, 'awselb/2.0']);
  });

  test('a Host header of its own gets there as without a proxy', async () => {
    const headers = { Host: 'shop.example.com' };
    const got = (await ask(`http://${host}/shop`, { headers })) as Got;
    expect(JSON.parse(got.body).host).toBe('shop.example.com');
  });

  test('HEAD has no body; POST gets to the pod with its own', async () => {
    const head = (await ask(`http://${host}/shop`, { method: 'HEAD' })) as Got;
    expect([head.status, head.body]).toEqual([200, '']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
    const posted = (await ask(`http://${host}/shop`, { method: 'POST', body: 'three' })) as Got;
    expect(JSON.parse(posted.body)).toMatchObject({ method: 'POST', body: 'three' });
  });

  test('what is not of the twin is refused with words, and nobody is dialled', async () => {
    const others = ['no-such-name.example.invalid', 'www.example.com', '8.8.8.8', 'localhost'];
    for (const other of others) {
      const got = (await ask(`http://${other}/`)) as Got;
      expect(got.status).toBe(502);
      expect(got.body).toContain(`ekstwin: ${other}: `);
      expect(got.body).toContain('no_proxy');
    }
  });

  test('without a URL, with another scheme, or as a tunnel: refused with words', async () => {
    expect(((await ask('/')) as Got).status).toBe(400);
    expect(((await ask('ftp://a/b')) as Got).status).toBe(403);
    const said = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(`CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
      );
      let text = '';
      socket.on('data', (piece) => {
        text += piece.toString();
      });
      socket.on('close', () => resolve(text));
      socket.on('end', () => socket.end());
    });
    expect(said).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(said).toContain(`a tunnel to ${host}:443 is not proxied`);
  });

  test('a body above the limit is refused', async () => {
    const got = await ask(`http://${host}/shop`, { method: 'POST', body: 'x'.repeat(1_100_000) });
    // The connection may be closed before all of the body is sent.
    if (typeof got !== 'string') expect(got.status).toBe(413);
    else expect(got).toMatch(/EPIPE|ECONNRESET/);
  });

  test('a path that is closed is a connection without an answer', async () => {
    const balancer = twin.store.list('elbv2/load-balancer')[0]!;
    const groupId = balancer.securityGroups[0]!;
    const { rules } = twin.store.get('ec2/security-group', groupId)!;
    const ruleIds = rules
      .filter(({ direction }) => direction === 'ingress')
      .map(({ ruleId }) => ruleId);
    expect(ruleIds.length).toBeGreaterThan(0);
    twin.cloud.ec2.revokeSecurityGroupIngress({ groupId, ruleIds });
    expect(await ask(`http://${host}/shop`)).toBe('ECONNRESET');
  });
});
