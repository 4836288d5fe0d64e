package io.guardbee.broker.policy;

/** How much a policy may hold, so that reading and asking one takes a bounded time. */
final class Bounds {

  /** Of the document, as UTF-8. */
  static final int OCTETS = 1_000_000;

  static final int RULES = 1_000;

  /** Of one rule: each topic filter counts. */
  static final int ENTRIES = 200;

  /** Of one document: each request in a test counts. */
  static final int STATEMENTS = 10_000;

  /** Characters of a topic filter, a client id, a name. */
  static final int TEXT = 1_000;

  private Bounds() {}
}
