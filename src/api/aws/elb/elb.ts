/**
 * api/aws/elb/elb — Classic Load Balancers, Elastic Load Balancing's first API, but for its
 * policies.
 */
import type {
  ElasticLoadBalancing,
  Listener,
  LoadBalancerAttributes,
} from '@aws-sdk/client-elastic-load-balancing';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { ClassicLoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import { page, pairsOf, recordOf } from '../elbv2/requests.ts';
import { type AwsCall, type Handlers, untyped } from '../operation.ts';
import { shown } from '../shown.ts';

type ClassicListener = ClassicLoadBalancer['listeners'][number];
type Protocol = ClassicListener['protocol'];

const listenersOf = (listeners: readonly Listener[] | undefined): readonly ClassicListener[] =>
  (listeners ?? []).map((it) => {
    const protocol = (it.Protocol ?? 'TCP').toUpperCase() as Protocol;
    return {
      protocol,
      loadBalancerPort: it.LoadBalancerPort ?? 0,
      instanceProtocol: (it.InstanceProtocol?.toUpperCase() as Protocol | undefined) ?? protocol,
      instancePort: it.InstancePort ?? 0,
      sslCertificateId: it.SSLCertificateId,
    };
  });

const nameOf = (input: { readonly LoadBalancerName?: string | undefined }) => ({
  loadBalancerName: input.LoadBalancerName ?? '',
});

function balancerOf(call: AwsCall, name: string | undefined) {
  const found = call.cloud.classicElb.describeLoadBalancers({ loadBalancerNames: [name ?? ''] });
  return isAwsError(found) ? found : found[0]!;
}

const idsOf = (instances: readonly { readonly InstanceId?: string | undefined }[] | undefined) =>
  (instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);

/** Attributes by the names the twin keeps them under, and back. */
function attributesOf(given: LoadBalancerAttributes | undefined): Record<string, string> {
  const { CrossZoneLoadBalancing, AccessLog, ConnectionDraining, ConnectionSettings } = given ?? {};
  const texts: Record<string, unknown> = {
    'load_balancing.cross_zone.enabled': CrossZoneLoadBalancing?.Enabled,
    'access_logs.s3.enabled': AccessLog?.Enabled,
    'access_logs.s3.bucket': AccessLog?.S3BucketName,
    'access_logs.s3.prefix': AccessLog?.S3BucketPrefix,
    'access_logs.s3.emit_interval_minutes': AccessLog?.EmitInterval,
    'connection_draining.enabled': ConnectionDraining?.Enabled,
    'connection_draining.timeout_seconds': ConnectionDraining?.Timeout,
    'idle_timeout.timeout_seconds': ConnectionSettings?.IdleTimeout,
  };
  const asked = Object.entries(texts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(asked.map(([key, value]) => [key, String(value)]));
}

function attributesToAws(kept: ClassicLoadBalancer['attributes']): LoadBalancerAttributes {
  const isOn = (key: string) => kept[key] === 'true';
  return {
    CrossZoneLoadBalancing: { Enabled: isOn('load_balancing.cross_zone.enabled') },
    AccessLog: { Enabled: isOn('access_logs.s3.enabled') },
    ConnectionDraining: {
      Enabled: isOn('connection_draining.enabled'),
      Timeout: Number(kept['connection_draining.timeout_seconds']),
    },
    ConnectionSettings: { IdleTimeout: Number(kept['idle_timeout.timeout_seconds']) },
    AdditionalAttributes: [
      {
        Key: 'elb.http.desyncmitigationmode',
        Value: kept['routing.http.desync_mitigation_mode'],
      },
    ],
  };
}

const balancers: Handlers<ElasticLoadBalancing> = {
  CreateLoadBalancer(input, { cloud }) {
    if (input.Subnets === undefined)
      return awsError('ValidationError', 'Either AvailabilityZones or SubnetIds must be specified');
    const made = cloud.classicElb.createLoadBalancer({
      ...nameOf(input),
      listeners: listenersOf(input.Listeners),
      subnets: input.Subnets,
      securityGroups: input.SecurityGroups ?? [],
      scheme: input.Scheme === 'internal' ? 'internal' : 'internet-facing',
      tags: recordOf(input.Tags),
    });
    return isAwsError(made) ? made : { DNSName: made.dnsName };
  },

  DescribeLoadBalancers(input, call) {
    const found = call.cloud.classicElb.describeLoadBalancers({
      loadBalancerNames: input.LoadBalancerNames,
    });
    const part = page(call, input, found, (it) => shown(call, 'elbv2/classic-load-balancer', it));
    return isAwsError(part)
      ? part
      : { LoadBalancerDescriptions: part.items, NextMarker: part.NextMarker };
  },

  DeleteLoadBalancer(input, { cloud }) {
    const gone = cloud.classicElb.deleteLoadBalancer(nameOf(input));
    return isAwsError(gone) ? gone : {};
  },

  AttachLoadBalancerToSubnets(input, call) {
    const subnets = input.Subnets ?? [];
    const done = call.cloud.classicElb.attachLoadBalancerToSubnets({ ...nameOf(input), subnets });
    return isAwsError(done) ? done : subnetsNow(call, input.LoadBalancerName);
  },

  DetachLoadBalancerFromSubnets(input, call) {
    const subnets = input.Subnets ?? [];
    const done = call.cloud.classicElb.detachLoadBalancerFromSubnets({ ...nameOf(input), subnets });
    return isAwsError(done) ? done : subnetsNow(call, input.LoadBalancerName);
  },

  ApplySecurityGroupsToLoadBalancer(input, { cloud }) {
    const securityGroups = input.SecurityGroups ?? [];
    const done = cloud.classicElb.applySecurityGroupsToLoadBalancer({
      ...nameOf(input),
      securityGroups,
    });
    return isAwsError(done) ? done : { SecurityGroups: securityGroups };
  },

  CreateLoadBalancerListeners(input, { cloud }) {
    const listeners = listenersOf(input.Listeners);
    const done = cloud.classicElb.createLoadBalancerListeners({ ...nameOf(input), listeners });
    return isAwsError(done) ? done : {};
  },

  DeleteLoadBalancerListeners(input, { cloud }) {
    const done = cloud.classicElb.deleteLoadBalancerListeners({
      ...nameOf(input),
      loadBalancerPorts: input.LoadBalancerPorts ?? [],
    });
    return isAwsError(done) ? done : {};
  },

  DescribeLoadBalancerAttributes(input, call) {
    const found = balancerOf(call, input.LoadBalancerName);
    return isAwsError(found)
      ? found
      : { LoadBalancerAttributes: attributesToAws(found.attributes) };
  },

  ModifyLoadBalancerAttributes(input, { cloud }) {
    const attributes = attributesOf(input.LoadBalancerAttributes);
    const done = cloud.classicElb.modifyLoadBalancerAttributes({ ...nameOf(input), attributes });
    if (isAwsError(done)) return done;
    return {
      LoadBalancerName: input.LoadBalancerName,
      LoadBalancerAttributes: input.LoadBalancerAttributes,
    };
  },
};

function subnetsNow(call: AwsCall, name: string | undefined) {
  const found = balancerOf(call, name);
  return isAwsError(found) ? found : { Subnets: found.zones.map(({ subnetId }) => subnetId) };
}

const instances: Handlers<ElasticLoadBalancing> = {
  ConfigureHealthCheck(input, { cloud }) {
    const { HealthCheck: check } = input;
    const done = cloud.classicElb.configureHealthCheck({
      ...nameOf(input),
      healthCheck: {
        target: check?.Target ?? '',
        intervalSeconds: check?.Interval ?? 0,
        timeoutSeconds: check?.Timeout ?? 0,
        healthyThreshold: check?.HealthyThreshold ?? 0,
        unhealthyThreshold: check?.UnhealthyThreshold ?? 0,
      },
    });
    return isAwsError(done) ? done : { HealthCheck: check };
  },

  RegisterInstancesWithLoadBalancer(input, call) {
    const ids = idsOf(input.Instances);
    const done = call.cloud.classicElb.registerInstancesWithLoadBalancer({
      ...nameOf(input),
      instances: ids,
    });
    return isAwsError(done) ? done : instancesNow(call, input.LoadBalancerName);
  },

  DeregisterInstancesFromLoadBalancer(input, call) {
    const ids = idsOf(input.Instances);
    const done = call.cloud.classicElb.deregisterInstancesFromLoadBalancer({
      ...nameOf(input),
      instances: ids,
    });
    return isAwsError(done) ? done : instancesNow(call, input.LoadBalancerName);
  },

  DescribeInstanceHealth(input, call) {
    const found = balancerOf(call, input.LoadBalancerName);
    if (isAwsError(found)) return found;
    const wanted = idsOf(input.Instances);
    const unknown = wanted.find((id) => !found.instances.some((it) => it.instanceId === id));
    if (unknown !== undefined)
      return awsError('InvalidInstance', `Could not find EC2 instance ${unknown}.`);
    const those = found.instances.filter(
      (it) => wanted.length === 0 || wanted.includes(it.instanceId),
    );
    return {
      InstanceStates: those.map((it) => ({
        InstanceId: it.instanceId,
        State: it.state,
        ReasonCode: it.reasonCode ?? 'N/A',
        Description: it.description ?? 'N/A',
      })),
    };
  },
};

function instancesNow(call: AwsCall, name: string | undefined) {
  const found = balancerOf(call, name);
  if (isAwsError(found)) return found;
  return { Instances: found.instances.map(({ instanceId }) => ({ InstanceId: instanceId })) };
}

const tags: Handlers<ElasticLoadBalancing> = {
  AddTags(input, { cloud }) {
    for (const loadBalancerName of input.LoadBalancerNames ?? []) {
      const done = cloud.classicElb.addTags({ loadBalancerName, tags: recordOf(input.Tags) });
      if (isAwsError(done)) return done;
    }
    return {};
  },

  DescribeTags(input, { cloud }) {
    const found = cloud.classicElb.describeLoadBalancers({
      loadBalancerNames: input.LoadBalancerNames ?? [],
    });
    if (isAwsError(found)) return found;
    return {
      TagDescriptions: found.map((it) => ({
        LoadBalancerName: it.loadBalancerName,
        Tags: pairsOf(it.tags),
      })),
    };
  },
};

export const HANDLERS = untyped<ElasticLoadBalancing>({ ...balancers, ...instances, ...tags });
