/** conformance/awsapi/interface-parts — single attributes of an interface, and who may attach it. */
import { isAwsError } from '../../src/model/aws-error.ts';
import { asJson, type Handlers } from './wire.ts';

export const interfacePartHandlers: Handlers = {
  DescribeNetworkInterfaceAttribute: (request, backend) => {
    const networkInterfaceId = request.text('NetworkInterfaceId');
    const found = backend.cloud.ec2.describeNetworkInterfaces({
      networkInterfaceIds: [networkInterfaceId],
    });
    if (isAwsError(found)) return found;
    const json = asJson(backend, 'ec2/network-interface', found[0]!);
    const attributes: Readonly<Record<string, object>> = {
      attachment: { Attachment: json.Attachment },
      description: { Description: { Value: json.Description } },
      groupSet: { Groups: json.Groups },
      sourceDestCheck: { SourceDestCheck: { Value: json.SourceDestCheck } },
    };
    return { NetworkInterfaceId: networkInterfaceId, ...attributes[request.text('Attribute')] };
  },
  CreateNetworkInterfacePermission: (request, { cloud }) => {
    const networkInterfaceId = request.text('NetworkInterfaceId');
    const isEip = request.text('Permission') === 'EIP-ASSOCIATE';
    const made = cloud.ec2.createNetworkInterfacePermission({
      networkInterfaceId,
      accountId: request.optional('AwsAccountId') ?? request.text('AwsService'),
      permission: isEip ? 'EIP-ASSOCIATE' : 'INSTANCE-ATTACH',
    });
    if (isAwsError(made)) return made;
    const InterfacePermission = {
      NetworkInterfacePermissionId: made.permissionId,
      NetworkInterfaceId: networkInterfaceId,
      AwsAccountId: made.accountId,
      Permission: made.permission,
      PermissionState: { State: 'granted' },
    };
    return { InterfacePermission };
  },
};
