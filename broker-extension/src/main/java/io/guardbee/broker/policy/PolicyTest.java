package io.guardbee.broker.policy;

import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy's own test: what the holder of a certificate may and may not do.
 *
 * @param clientId with which it is connected; null where the test does not say
 */
record PolicyTest(
    Attributes as, @Nullable String clientId, List<Request> may, List<Request> mayNot) {

  PolicyTest {
    may = List.copyOf(may);
    mayNot = List.copyOf(mayNot);
  }

  int statements() {
    return may.size() + mayNot.size();
  }

  /** One line for each statement that the policy does not fulfil. */
  List<String> failures(Policy policy) {
    List<String> failures = new ArrayList<>();
    Rights rights = null;
    String refused = "";
    try {
      rights = policy.rightsOf(as);
      if (clientId != null) {
        rights.use(clientId);
      }
    } catch (RefusedException e) {
      rights = null;
      refused = e.detail();
    }
    for (Request request : may) {
      String outcome = rights == null ? refused : outcome(rights, request);
      if (!outcome.isEmpty()) {
        failures.add("as " + as + " may " + request + ", but " + outcome);
      }
    }
    for (Request request : mayNot) {
      if (rights != null && outcome(rights, request).isEmpty()) {
        failures.add("as " + as + " mayNot " + request + ", but it is allowed");
      }
    }
    return failures;
  }

  /** Empty when the request is allowed, else why not. */
  private static String outcome(Rights rights, Request request) {
    try {
      Decision decision = request.decide(rights);
      return decision.allowed()
          ? ""
          : "rule " + rights.rule() + " does not allow it: " + decision.words();
    } catch (RefusedException e) {
      return e.detail();
    }
  }
}
