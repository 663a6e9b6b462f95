/**
 * cloud/elbv2/listener-attributes — what a new listener's attributes are. Source: ELB API
 * 2015-12-01, ListenerAttribute.
 */
import type { Listener, ListenerProtocol } from '../../model/elbv2/listener.ts';

const RESPONSE_HEADERS = [
  'routing.http.response.access_control_allow_credentials.header_value',
  'routing.http.response.access_control_allow_headers.header_value',
  'routing.http.response.access_control_allow_methods.header_value',
  'routing.http.response.access_control_allow_origin.header_value',
  'routing.http.response.access_control_expose_headers.header_value',
  'routing.http.response.access_control_max_age.header_value',
  'routing.http.response.content_security_policy.header_value',
  'routing.http.response.strict_transport_security.header_value',
  'routing.http.response.x_content_type_options.header_value',
  'routing.http.response.x_frame_options.header_value',
];

/** Names a listener gives to what it knows of a client's certificate, and of the connection. */
const REQUEST_HEADERS: Readonly<Record<string, string>> = {
  x_amzn_mtls_clientcert: 'X-Amzn-Mtls-Clientcert',
  x_amzn_mtls_clientcert_issuer: 'X-Amzn-Mtls-Clientcert-Issuer',
  x_amzn_mtls_clientcert_leaf: 'X-Amzn-Mtls-Clientcert-Leaf',
  x_amzn_mtls_clientcert_serial_number: 'X-Amzn-Mtls-Clientcert-Serial-Number',
  x_amzn_mtls_clientcert_subject: 'X-Amzn-Mtls-Clientcert-Subject',
  x_amzn_mtls_clientcert_validity: 'X-Amzn-Mtls-Clientcert-Validity',
  x_amzn_tls_cipher_suite: 'X-Amzn-Tls-Cipher-Suite',
  x_amzn_tls_version: 'X-Amzn-Tls-Version',
};

/** The attributes of a new listener; those of UDP and TLS listeners are none. */
export function listenerAttributesOf(protocol: ListenerProtocol): Listener['attributes'] {
  if (protocol === 'TCP') return { 'tcp.idle_timeout.seconds': '350' };
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') return {};
  const attributes: Record<string, string> = { 'routing.http.response.server.enabled': 'true' };
  for (const name of RESPONSE_HEADERS) attributes[name] = '';
  if (protocol === 'HTTPS')
    for (const [name, header] of Object.entries(REQUEST_HEADERS))
      attributes[`routing.http.request.${name}.header_name`] = header;
  return attributes;
}
