/**
 * shell/http/imds-answer — the instance metadata service at 169.254.169.254: tokens (IMDSv2), the
 * tree of keys that agents read, 401 and 404 pages.
 *
 * Source: EC2 User Guide, "Use IMDSv2", "Instance metadata categories"; the keys that the VPC CNI
 * reads, aws/amazon-vpc-cni-k8s@b52188387 pkg/awsutils/imds.go:130.
 */
import { type InterfaceMetadata, instanceMetadata } from '../../cloud/ec2/imds.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { Twin } from '../../twin/twin.ts';
import { headerOf, type Request, type Response, response } from './message.ts';

const TOKEN = 'X-aws-ec2-metadata-token';
const TTL = 'X-aws-ec2-metadata-token-ttl-seconds';
const TTL_MAX = 21_600;
const VERSIONS = ['1.0', '2019-10-01', '2021-07-15', '2022-09-24', 'latest'];
const SERVER = { name: 'Server', value: 'EC2ws' };

const page = (status: number, title: string): Response =>
  response(
    status,
    'text/html',
    `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
\t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${status} - ${title}</title>
 </head>
 <body>
  <h1>${status} - ${title}</h1>
 </body>
</html>
`,
    [SERVER],
  );

const text = (body: string): Response => response(200, 'text/plain', body, [SERVER]);

/** @returns undefined where nothing comes back: the hop limit */
export function imdsAnswer(
  twin: Twin,
  instance: Instance,
  { method, url, headers }: Request,
  isPod: boolean,
): Response | undefined {
  if (method === 'PUT') {
    if (isPod && instance.httpPutResponseHopLimit <= 1) return undefined;
    return tokenAnswer(twin, instance, url.path, headers);
  }
  if (method !== 'GET' && method !== 'HEAD') return page(405, 'Method Not Allowed');
  const token = headerOf(headers, TOKEN);
  const isAsked = token !== undefined || instance.httpTokens === 'required';
  if (isAsked && !isValid(twin, instance, token)) return page(401, 'Unauthorized');
  const [, version = '', rest = ''] = /^\/([^/]*)(\/.*)?$/.exec(url.path) ?? [];
  if (version === '') return text(VERSIONS.join('\n'));
  if (!VERSIONS.includes(version)) return page(404, 'Not Found');
  const path = rest.replace(/\/+/g, '/').replace(/^\//, '');
  const found = lookUp(keysOf(twin, instance), path);
  return found === undefined ? page(404, 'Not Found') : text(found);
}

function tokenAnswer(
  twin: Twin,
  { instanceId }: Instance,
  path: string,
  headers: Request['headers'],
): Response {
  if (path !== '/latest/api/token') return page(404, 'Not Found');
  if (headerOf(headers, 'X-Forwarded-For') !== undefined) return page(403, 'Forbidden');
  const ttl = Number(headerOf(headers, TTL) ?? Number.NaN);
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > TTL_MAX) return page(400, 'Bad Request');
  const until = twin.clock.now() + ttl * 1_000;
  const token = `AQAEA${instanceId.slice(2)}${Math.round(until).toString(36).padStart(12, '0')}==`;
  return response(200, 'text/plain', token, [{ name: TTL, value: String(ttl) }, SERVER]);
}

function isValid(twin: Twin, { instanceId }: Instance, token: string | undefined): boolean {
  const prefix = `AQAEA${instanceId.slice(2)}`;
  if (token === undefined || !token.startsWith(prefix)) return false;
  const until = Number.parseInt(token.slice(prefix.length, -2), 36);
  return until > twin.clock.now();
}

/** A value, or the names in a folder, each folder with its slash. */
function lookUp(keys: ReadonlyMap<string, string>, path: string): string | undefined {
  const value = keys.get(path.replace(/\/$/, ''));
  if (value !== undefined) return value;
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  const names = new Set<string>();
  for (const key of keys.keys()) {
    if (!key.startsWith(folder)) continue;
    const rest = key.slice(folder.length);
    const at = rest.indexOf('/');
    names.add(at < 0 ? rest : rest.slice(0, at + 1));
  }
  return names.size === 0 ? undefined : [...names].sort().join('\n');
}

function keysOf(twin: Twin, instance: Instance): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  const metadata = instanceMetadata(twin.store, instance.instanceId);
  if (metadata === undefined) return keys;
  const { region, accountId } = twin.cloud;
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') keys.set(`meta-data/${key}`, value);
  };
  const { privateDnsName, publicIpAddress, ipv6Address, imageId } = instance;
  add('ami-id', imageId);
  add('hostname', privateDnsName);
  add('local-hostname', privateDnsName);
  add('instance-id', metadata.instanceId);
  add('instance-type', metadata.instanceType);
  add('local-ipv4', metadata.localIpv4);
  add('public-ipv4', publicIpAddress);
  add('ipv6', ipv6Address);
  add('mac', metadata.mac);
  add('placement/availability-zone', metadata.availabilityZone);
  add('placement/region', region);
  add('services/domain', 'amazonaws.com');
  add('services/partition', 'aws');
  for (const [mac, one] of metadata.interfaces)
    for (const [name, value] of interfaceKeys(twin, mac, one))
      add(`network/interfaces/macs/${mac}/${name}`, value);
  const groups = metadata.interfaces.get(metadata.mac)?.securityGroupIds ?? [];
  add('security-groups', groupNames(twin, groups));
  keys.set(
    'dynamic/instance-identity/document',
    JSON.stringify(
      {
        accountId,
        architecture: /^[a-z]+\d+g/.test(metadata.instanceType) ? 'arm64' : 'x86_64',
        availabilityZone: metadata.availabilityZone,
        imageId,
        instanceId: metadata.instanceId,
        instanceType: metadata.instanceType,
        privateIp: metadata.localIpv4,
        region,
        version: '2017-09-30',
      },
      undefined,
      2,
    ),
  );
  return keys;
}

const groupNames = (twin: Twin, ids: readonly string[]): string =>
  ids.map((id) => twin.store.get('ec2/security-group', id)?.groupName ?? id).join('\n');

/** Of the address, as IP-based names are made. */
function localHostname({ cloud }: Twin, address: string | undefined): string {
  const domain = cloud.region === 'us-east-1' ? 'ec2.internal' : `${cloud.region}.compute.internal`;
  return address === undefined ? '' : `ip-${address.replaceAll('.', '-')}.${domain}`;
}

function interfaceKeys(
  twin: Twin,
  mac: string,
  one: InterfaceMetadata,
): readonly (readonly [string, string])[] {
  const lines = (values: readonly string[]): string => values.join('\n');
  const eni = twin.store.get('ec2/network-interface', one.interfaceId);
  const publicIps = (eni?.privateIpAddresses ?? []).flatMap((it) =>
    it.public === undefined ? [] : [{ address: it.address, publicIp: it.public.publicIp }],
  );
  return [
    ['device-number', String(one.deviceNumber)],
    ['interface-id', one.interfaceId],
    ...publicIps.map(
      ({ address, publicIp }) => [`ipv4-associations/${publicIp}`, address] as const,
    ),
    ['ipv4-prefix', lines(one.ipv4Prefixes)],
    ['ipv6-prefix', lines(one.ipv6Prefixes)],
    ['ipv6s', lines(one.ipv6s)],
    ['local-hostname', localHostname(twin, one.localIpv4s[0])],
    ['local-ipv4s', lines(one.localIpv4s)],
    ['mac', mac],
    ['network-card', String(one.networkCard)],
    ['owner-id', twin.cloud.accountId],
    ['public-ipv4s', lines(publicIps.map(({ publicIp }) => publicIp))],
    ['security-group-ids', lines(one.securityGroupIds)],
    ['security-groups', groupNames(twin, one.securityGroupIds)],
    ['subnet-id', one.subnetId],
    ['subnet-ipv4-cidr-block', one.subnetIpv4CidrBlock],
    ['subnet-ipv6-cidr-blocks', lines(one.subnetIpv6CidrBlocks)],
    ['vpc-id', one.vpcId],
    ['vpc-ipv4-cidr-block', one.vpcIpv4CidrBlocks[0] ?? ''],
    ['vpc-ipv4-cidr-blocks', lines(one.vpcIpv4CidrBlocks)],
    ['vpc-ipv6-cidr-blocks', lines(one.vpcIpv6CidrBlocks)],
  ];
}
