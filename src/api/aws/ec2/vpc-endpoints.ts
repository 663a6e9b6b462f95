/** api/aws/ec2/vpc-endpoints — EC2's operations on VPC endpoints and the services they lead to. */
import type { EC2, ServiceDetail } from '@aws-sdk/client-ec2';
import { gatewayServices } from '../../../cloud/ec2/prefix-list-actions.ts';
import { awsError, isAwsError } from '../../../model/aws-error.ts';
import type { VpcEndpoint } from '../../../model/ec2/gateways.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { pageOf } from '../page.ts';
import { ANY_PAGE, askedOf, listed, made } from './nouns-of.ts';
import { done, filtersOf, tagsFor } from './requests.ts';
import { serviceFilter } from './vpc-endpoint-services.ts';

const TYPES: ReadonlySet<string> = new Set(['Gateway', 'Interface', 'GatewayLoadBalancer']);

export const vpcEndpoints: Handlers<EC2> = {
  CreateVpcEndpoint(input, call) {
    const tags = tagsFor('vpc-endpoint', input);
    if (isAwsError(tags)) return tags;
    if (input.VpcEndpointType !== undefined && !TYPES.has(input.VpcEndpointType)) {
      return awsError(
        'UnsupportedOperation',
        `VPC endpoints of type ${input.VpcEndpointType} are not simulated by ekstwin.`,
      );
    }
    const endpoint = call.cloud.ec2.createVpcEndpoint({
      vpcId: input.VpcId!,
      serviceName: input.ServiceName ?? '',
      type: input.VpcEndpointType as VpcEndpoint['type'] | undefined,
      routeTableIds: input.RouteTableIds,
      subnetIds: input.SubnetIds,
      groups: input.SecurityGroupIds,
      privateDnsEnabled: input.PrivateDnsEnabled,
      policyDocument: input.PolicyDocument,
      tags,
    });
    const answer = made(call, 'ec2/vpc-endpoint', endpoint, 'VpcEndpoint');
    return isAwsError(answer) ? answer : { ...answer, ClientToken: input.ClientToken };
  },

  ModifyVpcEndpoint: (input, { cloud }) =>
    done(
      cloud.ec2.modifyVpcEndpoint({
        vpcEndpointId: input.VpcEndpointId!,
        addRouteTableIds: input.AddRouteTableIds,
        removeRouteTableIds: input.RemoveRouteTableIds,
        addSubnetIds: input.AddSubnetIds,
        removeSubnetIds: input.RemoveSubnetIds,
        addGroups: input.AddSecurityGroupIds,
        removeGroups: input.RemoveSecurityGroupIds,
        privateDnsEnabled: input.PrivateDnsEnabled,
        policyDocument: input.PolicyDocument,
        resetPolicy: input.ResetPolicy,
      }),
    ),

  DeleteVpcEndpoints(input, call) {
    const Unsuccessful = [];
    for (const id of input.VpcEndpointIds!) {
      const gone = call.cloud.ec2.deleteVpcEndpoints({ vpcEndpointIds: [id] });
      if (!isAwsError(gone)) continue;
      Unsuccessful.push({ ResourceId: id, Error: { Code: gone.code, Message: gone.message } });
    }
    return { Unsuccessful };
  },

  DescribeVpcEndpoints: (input, call) =>
    listed(
      call,
      input,
      'ec2/vpc-endpoint',
      call.cloud.ec2.describeVpcEndpoints(askedOf(input, input.VpcEndpointIds)),
      'VpcEndpoints',
      ANY_PAGE,
    ),

  DescribeVpcEndpointServices(input, call) {
    const test = serviceFilter(filtersOf(input));
    if (isAwsError(test)) return test;
    const all = services(call);
    const names = input.ServiceNames ?? [];
    const unknown = names.find((name) => !all.some((it) => it.ServiceName === name));
    if (unknown !== undefined) {
      return awsError('InvalidServiceName', `The Vpc Endpoint Service '${unknown}' does not exist`);
    }
    const found = all.filter(
      (it) => test(it) && (names.length === 0 || names.includes(it.ServiceName!)),
    );
    const part = pageOf(call, found, input.MaxResults ?? 1_000, input.NextToken);
    if (part === undefined)
      return awsError('InvalidParameterValue', 'Unable to parse pagination token');
    return {
      ServiceNames: [...new Set(part.items.map((it) => it.ServiceName!))],
      ServiceDetails: [...part.items],
      NextToken: part.next,
    };
  },
};

/** Services with a gateway, and those that clusters without a way out need interfaces for. */
const INTERFACE_SERVICES = [
  'autoscaling',
  'ec2',
  'ec2messages',
  'ecr.api',
  'ecr.dkr',
  'eks',
  'eks-auth',
  'elasticfilesystem',
  'elasticloadbalancing',
  'kms',
  'logs',
  'monitoring',
  's3',
  'secretsmanager',
  'sqs',
  'ssm',
  'ssmmessages',
  'sts',
  'xray',
];

function services({ cloud }: AwsCall): readonly ServiceDetail[] {
  const zones = cloud.availabilityZones.map(({ name }) => name);
  const detail = (service: string, type: 'Gateway' | 'Interface'): ServiceDetail => ({
    ServiceName: `com.amazonaws.${cloud.region}.${service}`,
    ServiceType: [{ ServiceType: type }],
    ServiceRegion: cloud.region,
    AvailabilityZones: zones,
    Owner: 'amazon',
    BaseEndpointDnsNames: [`${service}.${cloud.region}.vpce.amazonaws.com`],
    ...(type === 'Interface' ? { PrivateDnsName: dnsName(service, cloud.region) } : {}),
    VpcEndpointPolicySupported: true,
    AcceptanceRequired: false,
    ManagesVpcEndpoints: false,
    Tags: [],
  });
  return [
    ...gatewayServices(cloud.region).map((service) => detail(service, 'Gateway')),
    ...INTERFACE_SERVICES.map((service) => detail(service, 'Interface')),
  ];
}

/** `api.ecr` of `ecr.api`: names of ECR's two services are turned round. */
const dnsName = (service: string, region: string): string =>
  service.startsWith('ecr.')
    ? `${service === 'ecr.dkr' ? '*.dkr.ecr' : 'api.ecr'}.${region}.amazonaws.com`
    : `${service}.${region}.amazonaws.com`;
