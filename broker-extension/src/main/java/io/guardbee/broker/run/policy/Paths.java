package io.guardbee.broker.run.policy;

/** Where the service answers on policies. */
final class Paths {

  static final String POLICY = "/v1/policy";
  static final String VERSIONS = POLICY + "/versions";
  static final String OBSERVED = POLICY + "/observed";
  static final String ROLLBACK = POLICY + "/rollback";
  static final String PROMOTE = POLICY + "/promote";
  static final String WITHDRAW = POLICY + "/withdraw";

  private Paths() {}
}
