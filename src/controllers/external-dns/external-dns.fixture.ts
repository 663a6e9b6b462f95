/** controllers/external-dns/external-dns.fixture — zones and an external-dns that keeps them. */
import { must, network } from '../../cloud/cloud.fixture.ts';
import { metered } from '../../cloud/decorate.ts';
import type { Route53 } from '../../cloud/route53/operations.ts';
import type { Deployment } from '../../model/kubernetes/apps.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import type { Ingress } from '../../model/kubernetes/ingress.ts';
import { keyOf, type Labels } from '../../model/kubernetes/meta.ts';
import type { HostedZone, RecordSet } from '../../model/route53/hosted-zone.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { externalDns } from './external-dns.ts';

export const ALB = 'k8s-shop-web-0a1b2c3d4e-1234567890.us-west-2.elb.amazonaws.com';
export const ALPHA = 'external-dns.alpha.kubernetes.io';
const ARGS = ['--source=ingress', '--source=service', '--provider=aws', '--txt-owner-id=mine'];

/** Route 53 and an API server's objects, with what an external-dns left in the zones. */
export class Names {
  readonly world = network();
  readonly zone: HostedZone = must(
    this.world.cloud.route53.createHostedZone({ name: 'example.com' }),
  );
  /** Batches of changes that were sent. */
  sent = 0;
  readonly dns = externalDns(this.world.clock, this.world.store, this.#route53());
  readonly run = new ControllerRun(this.world.clock, this.world.store, this.dns.controller);

  #route53(): Route53 {
    const { route53 } = this.world.cloud;
    return metered(route53, this.world.clock, 'external-dns', ({ action }) => {
      if (action === 'ChangeResourceRecordSets') this.sent++;
    });
  }

  /** A Deployment of external-dns with a ready pod. */
  install(version: string, ...args: readonly string[]): void {
    const image = `registry.k8s.io/external-dns/external-dns:${version}`;
    const containers = [{ name: 'external-dns', image, args: [...ARGS, ...args] }];
    const deployment: Deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'external-dns', namespace: 'external-dns' },
      spec: { selector: {}, template: { metadata: {}, spec: { containers } } },
      status: { readyReplicas: 1 },
    };
    this.world.store.put('Deployment', keyOf(deployment), deployment);
  }

  /** An Ingress `shop/NAME` whose load balancer is there. */
  ingress(name: string, host: string, annotations: Labels = {}, target = ALB): void {
    const ingress: Ingress = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name, namespace: 'shop', annotations },
      spec: { ingressClassName: 'alb', rules: [{ host }] },
      status: { loadBalancer: { ingress: target === '' ? [] : [{ hostname: target }] } },
    };
    this.world.store.put('Ingress', `shop/${name}`, ingress);
  }

  service(name: string, annotations: Labels, spec: Service['spec'], hostname = ''): void {
    this.world.store.put('Service', `shop/${name}`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop', annotations },
      spec,
      status: { loadBalancer: { ingress: hostname === '' ? [] : [{ hostname }] } },
    });
  }

  remove(kind: 'Ingress' | 'Service', name: string): void {
    this.world.store.delete(kind, `shop/${name}`);
  }

  async settle(): Promise<void> {
    await this.world.clock.settle();
  }

  /** The records of a zone besides its own two: `name type -> what it says`. */
  records(zone: HostedZone = this.zone): readonly string[] {
    const { route53 } = this.world.cloud;
    const { hostedZoneId } = zone;
    return must(route53.listResourceRecordSets({ hostedZoneId }))
      .filter(({ type }) => type !== 'NS' && type !== 'SOA')
      .map(recordText)
      .sort();
  }
}

function recordText({ name, type, setIdentifier, weight, values, alias, ttlSeconds }: RecordSet) {
  const said =
    alias === undefined
      ? `${values.join(' ')} ${ttlSeconds}`
      : `alias ${alias.dnsName} ${alias.hostedZoneId}${alias.evaluateTargetHealth ? '' : ' blind'}`;
  const set = setIdentifier === undefined ? '' : ` ${setIdentifier}=${weight}`;
  return `${name} ${type}${set} -> ${said}`;
}
