/**
 * load-balancer/settings — the controller's command line, and where the controller runs: what it
 * asks the metadata service for when no flag says it.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/aws/cloud.go:61-130.
 */
import { type ControllerConfig, defaultConfig } from '../config/controller-config.ts';

interface ControllerPlace {
  readonly vpcId: string;
  readonly region: string;
}

export type ControllerSettings = ControllerConfig & ControllerPlace;

/** What flags say of the place wins over where the controller is. */
export const settingsAt = (
  config: ControllerConfig,
  place: ControllerPlace,
): ControllerSettings => ({
  ...config,
  vpcId: config.awsVpcId || place.vpcId,
  region: config.awsRegion || place.region,
});

/** The settings of a controller that was told nothing but the cluster's name. */
export const defaultSettings = ({
  clusterName,
  ...place
}: ControllerPlace & { readonly clusterName: string }): ControllerSettings =>
  settingsAt(defaultConfig({ clusterName }), place);
