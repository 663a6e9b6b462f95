import { describe, expect, test } from 'vitest';
import { createCloud } from '../../cloud/cloud.ts';
import { InputError, type Note } from '../../model/input-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { seeded } from '../../sim/random.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Store } from '../../sim/store.ts';
import { readInputs } from '../read-inputs.ts';
import { applyCloudFormation } from './apply.ts';

function apply(text: string, parameters: Readonly<Record<string, string>> = {}) {
  const { templates } = readInputs([{ path: 'vpc.yaml', text }]);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const cloud = createCloud({
    store,
    clock: new Simulation(1),
    random: seeded(1),
    region: 'us-west-2',
    accountId: '111122223333',
    addressChoice: 'random',
  });
  const notes: Note[] = [];
  for (const template of templates) {
    applyCloudFormation(template, { cloud, store, notes, parameters });
  }
  return { store, cloud, notes };
}

const refusal = (text: string, parameters?: Readonly<Record<string, string>>): InputError => {
  try {
    apply(text, parameters);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

/** The shape of Amazon's amazon-eks-vpc-private-subnets.yaml: its functions, names and spellings. */
const zoned = (kind: 'Public' | 'Private', i: 1 | 2): string => `
  ${kind}Subnet0${i}:
    Type: AWS::EC2::Subnet
    Metadata:
      Comment: Subnet 0${i}
    Properties:
      ${kind === 'Public' ? 'MapPublicIpOnLaunch: true' : ''}
      AvailabilityZone:
        Fn::Select:
        - '${i - 1}'
        - Fn::GetAZs:
            Ref: AWS::Region
      CidrBlock:
        Ref: ${kind}Subnet0${i}Block
      VpcId:
        Ref: VPC
      Tags:
      - Key: Name
        Value: !Sub "\${AWS::StackName}-${kind}Subnet0${i}"
      - Key: kubernetes.io/role/${kind === 'Public' ? 'elb' : 'internal-elb'}
        Value: 1
  ${kind}Subnet0${i}RouteTableAssociation:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !Ref ${kind}Subnet0${i}
      RouteTableId: !Ref ${kind === 'Public' ? 'PublicRouteTable' : `PrivateRouteTable0${i}`}
`;
const natted = (i: 1 | 2): string => `
  NatGateway0${i}:
    DependsOn:
    - NatGatewayEIP${i}
    - PublicSubnet0${i}
    - VPCGatewayAttachment
    Type: AWS::EC2::NatGateway
    Properties:
      AllocationId: !GetAtt 'NatGatewayEIP${i}.AllocationId'
      SubnetId: !Ref PublicSubnet0${i}
      Tags:
      - Key: Name
        Value: !Sub '\${AWS::StackName}-NatGatewayAZ${i}'
  NatGatewayEIP${i}:
    DependsOn:
    - VPCGatewayAttachment
    Type: 'AWS::EC2::EIP'
    Properties:
      Domain: vpc
  PrivateRouteTable0${i}:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref VPC
      Tags:
      - Key: Network
        Value: Private0${i}
  PrivateRoute0${i}:
    DependsOn:
    - VPCGatewayAttachment
    - NatGateway0${i}
    Type: AWS::EC2::Route
    Properties:
      RouteTableId: !Ref PrivateRouteTable0${i}
      DestinationCidrBlock: 0.0.0.0/0
      NatGatewayId: !Ref NatGateway0${i}
`;
const OFFICIAL = `---
AWSTemplateFormatVersion: '2010-09-09'
Description: 'Amazon EKS Sample VPC - Private and Public subnets'
Parameters:
  VpcBlock: {Type: String, Default: 192.168.0.0/16}
  PublicSubnet01Block: {Type: String, Default: 192.168.0.0/18}
  PublicSubnet02Block: {Type: String, Default: 192.168.64.0/18}
  PrivateSubnet01Block: {Type: String, Default: 192.168.128.0/18}
  PrivateSubnet02Block: {Type: String, Default: 192.168.192.0/18}
Metadata:
  AWS::CloudFormation::Interface:
    ParameterGroups:
      - Label: {default: "Worker Network Configuration"}
        Parameters: [VpcBlock]
Resources:
  VPC:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: !Ref VpcBlock
      EnableDnsSupport: true
      EnableDnsHostnames: true
      Tags:
      - Key: Name
        Value: !Sub '\${AWS::StackName}-VPC'
  InternetGateway:
    Type: "AWS::EC2::InternetGateway"
  VPCGatewayAttachment:
    Type: "AWS::EC2::VPCGatewayAttachment"
    Properties:
      InternetGatewayId: !Ref InternetGateway
      VpcId: !Ref VPC
  PublicRouteTable:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref VPC
  PublicRoute:
    DependsOn: VPCGatewayAttachment
    Type: AWS::EC2::Route
    Properties:
      RouteTableId: !Ref PublicRouteTable
      DestinationCidrBlock: 0.0.0.0/0
      GatewayId: !Ref InternetGateway
${natted(1)}${natted(2)}${zoned('Public', 1)}${zoned('Public', 2)}${zoned('Private', 1)}${zoned('Private', 2)}
  ControlPlaneSecurityGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Cluster communication with worker nodes
      VpcId: !Ref VPC
Outputs:
  SubnetIds:
    Value: !Join [ ",", [ !Ref PublicSubnet01, !Ref PublicSubnet02, !Ref PrivateSubnet01, !Ref PrivateSubnet02 ] ]
  VpcId:
    Value: !Ref VPC
`;

describe('Amazon’s own VPC for EKS', () => {
  test('two zones, two NAT gateways, each private subnet behind its own', () => {
    const { store, notes } = apply(OFFICIAL);
    const subnets = store.list('ec2/subnet');
    expect(subnets.map((it) => `${it.availabilityZone} ${it.cidrBlock}`).sort()).toEqual([
      'us-west-2a 192.168.0.0/18',
      'us-west-2a 192.168.128.0/18',
      'us-west-2b 192.168.192.0/18',
      'us-west-2b 192.168.64.0/18',
    ]);
    expect(subnets.every(({ tags }) => Object.values(tags).includes('1'))).toBe(true);
    expect(store.list('ec2/vpc')[0]!.enableDnsHostnames).toBe(true);
    for (const nat of store.list('ec2/nat-gateway')) {
      const own = store
        .list('ec2/route-table')
        .find(({ routes }) =>
          routes.some(({ target }) => target.kind !== 'local' && target.id === nat.natGatewayId),
        )!;
      const [association] = own.associations;
      expect(store.get('ec2/subnet', association!.subnetId!)!.availabilityZone).toBe(
        store.get('ec2/subnet', nat.subnetId)!.availabilityZone,
      );
    }
    expect(store.count('ec2/nat-gateway')).toBe(2);
    expect(notes.filter(({ text }) => /not simulated/.test(text))).toEqual([]);
  });

  test('a parameter given on the command line wins over its default', () => {
    const { store } = apply(OFFICIAL, {
      VpcBlock: '10.0.0.0/16',
      PublicSubnet01Block: '10.0.0.0/18',
      PublicSubnet02Block: '10.0.64.0/18',
      PrivateSubnet01Block: '10.0.128.0/18',
      PrivateSubnet02Block: '10.0.192.0/18',
    });
    expect(store.list('ec2/vpc')[0]!.cidrBlock).toBe('10.0.0.0/16');
  });

  test('AWS’s refusal is told at the resource', () => {
    const error = refusal(OFFICIAL, { PublicSubnet01Block: '10.0.0.0/18' });
    expect(error.problem).toMatch(/^InvalidSubnet\.Range: /);
    expect(error.where).toMatch(/^vpc\.yaml:\d+:\d+$/);
  });
});

const withVpc = (resources: string, rest = ''): string =>
  `${rest}Resources:\n  V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n${resources}`;

describe('intrinsic functions', () => {
  test('Cidr, Select, Split, Join, FindInMap, If and Sub with a map of its own', () => {
    const { store } = apply(
      withVpc(
        `  S:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref V
      CidrBlock: !Select [2, !Cidr [!GetAtt V.CidrBlock, 4, 8]]
      AvailabilityZone: !Join ['', [!Ref 'AWS::Region', !FindInMap [Zones, main, letter]]]
      MapPublicIpOnLaunch: !If [Open, true, !Ref 'AWS::NoValue']
      Tags:
        - {Key: Name, Value: !Sub ['\${A}-\${AWS::Region}', {A: !Select [1, !Split ['-', a-b-c]]}]}
`,
        `Parameters: {Env: {Type: String, Default: test}}
Mappings: {Zones: {main: {letter: b}}}
Conditions:
  Open: !And [!Equals [!Ref Env, test], !Not [!Equals [!Ref Env, prod]]]
`,
      ),
    );
    const [subnet] = store.list('ec2/subnet');
    expect(subnet).toMatchObject({
      cidrBlock: '10.0.2.0/24',
      availabilityZone: 'us-west-2b',
      mapPublicIpOnLaunch: true,
      tags: { Name: 'b-us-west-2' },
    });
  });

  test('a resource whose condition is false is not made', () => {
    const { store } = apply(
      withVpc(
        `  I: {Type: 'AWS::EC2::InternetGateway', Condition: Never}\n`,
        'Conditions: {Never: !Equals [a, b]}\n',
      ),
    );
    expect(store.count('ec2/internet-gateway')).toBe(0);
  });
});

describe('what a template is refused for', () => {
  test('a property that does not exist, with the nearest that does', () => {
    const error = refusal(
      'Resources:\n  V:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlok: 10.0.0.0/16\n',
    );
    expect(error.where).toBe('vpc.yaml:5:7');
    expect(error.hint).toMatch(/CidrBlock/);
  });

  test('a parameter without value, an import, a circle, a reference to nothing', () => {
    const parameter = refusal(
      withVpc('', 'Parameters: {Block: {Type: String}}\n').replace('10.0.0.0/16', '!Ref Block'),
    );
    expect(parameter.message).toMatch(/Block/);
    expect(refusal(withVpc('').replace('10.0.0.0/16', '!ImportValue other')).hint).not.toBe('');
    expect(
      refusal(
        'Resources:\n  A: {Type: "AWS::EC2::InternetGateway", DependsOn: B}\n  B: {Type: "AWS::EC2::InternetGateway", DependsOn: A}\n',
      ).problem,
    ).toMatch(/^Circular dependency between resources/);
    expect(refusal(withVpc('').replace('10.0.0.0/16', '!Ref Nothing')).problem).toMatch(/Nothing/);
  });
});

test('an EKS cluster, its add-on and node group from a template', () => {
  const { store, notes } = apply(
    `${OFFICIAL.replace(/Outputs:[\s\S]*/, '')}
  Role: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {}}}
  Cluster:
    Type: AWS::EKS::Cluster
    Properties:
      Name: cfn
      Version: '1.33'
      RoleArn: !GetAtt Role.Arn
      ResourcesVpcConfig:
        SubnetIds: [!Ref PrivateSubnet01, !Ref PrivateSubnet02]
        EndpointPrivateAccess: true
  Cni:
    Type: AWS::EKS::Addon
    Properties:
      ClusterName: !Ref Cluster
      AddonName: vpc-cni
      ConfigurationValues: '{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}'
  Nodes:
    Type: AWS::EKS::Nodegroup
    Properties:
      ClusterName: !Ref Cluster
      NodegroupName: nodes
      NodeRole: !GetAtt Role.Arn
      Subnets: [!Ref PrivateSubnet01]
      InstanceTypes: [m5.large]
      ScalingConfig: {MinSize: 1, DesiredSize: 3, MaxSize: 4}
      Taints: [{Key: a, Value: b, Effect: NO_SCHEDULE}]
`,
  );
  expect(store.get('eks/cluster', 'cfn')!.endpointPrivateAccess).toBe(true);
  const group = store.get('eks/nodegroup', 'cfn/nodes')!;
  expect(group.desiredSize).toBe(3);
  expect(group.enforcedMaxPods?.maxPods).toBe(110);
  expect(group.taints).toEqual([{ key: 'a', value: 'b', effect: 'NoSchedule' }]);
  expect(notes.some(({ text }) => /AWS::IAM::Role/.test(text))).toBe(true);
});

describe('load balancers and names from a template', () => {
  const base = `
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attached:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref VPC, InternetGatewayId: !Ref Gateway}
  A:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-west-2a}
  B:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-west-2b}
  Web:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    DependsOn: Attached
    Properties:
      Name: web
      Subnets: [!Ref A, !Ref B]
      LoadBalancerAttributes: [{Key: idle_timeout.timeout_seconds, Value: 120}]
`;

  test('are made with what points at them', () => {
    const { store, notes } = apply(`${base}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: !Ref VPC
      Protocol: HTTP
      Port: 8080
      TargetType: ip
      Targets: [{Id: 10.0.0.20}]
  Cert: {Type: AWS::CertificateManager::Certificate, Properties: {DomainName: example.com}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Web
      Port: 443
      Protocol: HTTPS
      Certificates: [{CertificateArn: !Ref Cert}]
      DefaultActions:
        - {Type: fixed-response, FixedResponseConfig: {StatusCode: 404}}
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 5
      Conditions: [{Field: path-pattern, Values: [/api/*]}]
      Actions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}
  Record:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: !Ref Zone
      Name: www.example.com
      Type: A
      AliasTarget:
        DNSName: !GetAtt Web.DNSName
        HostedZoneId: !GetAtt Web.CanonicalHostedZoneID
`);
    expect(notes).toEqual([]);
    const [web] = store.list('elbv2/load-balancer');
    expect(web).toMatchObject({
      loadBalancerName: 'web',
      attributes: { 'idle_timeout.timeout_seconds': '120' },
    });
    expect(store.list('elbv2/rule')).toMatchObject([
      { priority: 5, conditions: [{ field: 'path-pattern', values: ['/api/*'] }] },
    ]);
    expect(store.list('elbv2/target')).toMatchObject([
      { id: '10.0.0.20', port: 8080, health: { state: 'initial' } },
    ]);
    expect(store.list('elbv2/listener')).toMatchObject([
      { certificateArns: [store.list('acm/certificate')[0]!.certificateArn] },
    ]);
    expect(store.list('route53/record-set').map(({ name }) => name)).toContain('www.example.com.');
  });

  test('leave functions as targets declared, and what forwards to them', () => {
    const { store, notes } = apply(`${base}
  Function:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {TargetType: lambda}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Web
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Function}]
`);
    expect(store.count('elbv2/listener')).toBe(0);
    expect(notes.map(({ text }) => text)).toEqual([
      'a function as target is declared, not simulated',
      'a listener of what is not simulated is declared, not simulated',
    ]);
  });
});
