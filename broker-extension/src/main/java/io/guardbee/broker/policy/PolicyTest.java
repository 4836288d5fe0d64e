package io.guardbee.broker.policy;

import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Subject;
import java.util.ArrayList;
import java.util.List;

/** A policy's own test: what the holder of a subject may and may not do. */
record PolicyTest(Subject as, List<Request> may, List<Request> mayNot) {

  PolicyTest {
    may = List.copyOf(may);
    mayNot = List.copyOf(mayNot);
  }

  /** One line for each statement that the policy does not fulfil. */
  List<String> failures(Policy policy) {
    List<String> failures = new ArrayList<>();
    for (Request request : may) {
      String outcome = outcome(policy, request);
      if (!outcome.isEmpty()) {
        failures.add("as " + as + " may " + request + ", but " + outcome);
      }
    }
    for (Request request : mayNot) {
      if (outcome(policy, request).isEmpty()) {
        failures.add("as " + as + " mayNot " + request + ", but it is allowed");
      }
    }
    return failures;
  }

  /** Empty when the request is allowed, else why not. */
  private String outcome(Policy policy, Request request) {
    try {
      Rights rights = policy.rightsOf(Attributes.of(as));
      return rights.allow(request.activity(), request.topic())
          ? ""
          : "rule " + rights.rule() + " does not allow it";
    } catch (RefusedException e) {
      return e.detail();
    }
  }
}
