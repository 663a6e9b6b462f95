/**
 * datapath/dns/top-level-domains.data — the generic top level domains in use; country codes have
 * two letters and need no table. Names that people use inside a cluster and that are nobody's
 * (local, internal, corp, lan, svc, cluster) are not here.
 *
 * Source: IANA root zone database, the names one meets; RFC 2606, RFC 6761, RFC 6762 for the rest.
 */
export const TOP_LEVEL_DOMAINS: ReadonlySet<string> = new Set(
  (
    'com net org edu gov mil int arpa info biz name pro aero coop museum jobs mobi travel tel cat ' +
    'post asia xxx app dev page cloud online site website store shop tech space club xyz top live ' +
    'news blog world today life group company solutions services systems network support agency ' +
    'digital media software engineering technology academy center email host hosting chat games ' +
    'aws amazon google goog microsoft azure apple ibm oracle sap cisco intel samsung sony bank ' +
    'finance money health care education school science energy design studio art music video tv ' +
    'film photo photos pics fun run zone team work works tools training university wiki link ' +
    'click one plus global international direct express delivery exchange expert foundation fund ' +
    'holdings insurance investments legal management marketing ventures vip win bet casino bid ' +
    'stream download date review reviews trade market markets cash credit loan tax realty ' +
    'london paris berlin tokyo nyc amsterdam wien hamburg koeln moscow swiss scot wales cern ' +
    'eus gal bzh quebec africa lat bio eco green farm garden restaurant bar cafe pizza pub ' +
    'codes computer data domains io ai build build bot how ing new foo zip mov nexus prof phd'
  ).split(' '),
);
