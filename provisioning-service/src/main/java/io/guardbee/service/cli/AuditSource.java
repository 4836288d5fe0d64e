package io.guardbee.service.cli;

import io.guardbee.operator.Api;
import io.guardbee.service.audit.SignedHead;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The log of a running service, page by page, and then its signed head. */
final class AuditSource {

  private static final int PAGE = 1000;

  private final Api api;

  AuditSource(Api api) {
    this.api = api;
  }

  /**
   * What stands at the end.
   *
   * @param head empty when nothing is signed
   * @param waiting entries that are recorded but not sealed
   */
  record End(Optional<SignedHead> head, long waiting) {}

  /**
   * Reads what is there, then the head, then what it signs beyond: sealing goes on meanwhile.
   *
   * @param after number of the last entry that is not wanted
   */
  End read(long after, Consumer<String> entries) throws InterruptedException {
    long last = pages(after, Long.MAX_VALUE, entries);
    JsonNode state = api.get("/v1/audit/head");
    Optional<SignedHead> head = SignedHead.parse(state.path("head").toString());
    if (head.isPresent()) {
      pages(last, head.get().number(), entries);
    }
    return new End(head, state.path("waiting").asLong());
  }

  /** Reads on up to that entry, or to the end; returns the number of the last. */
  private long pages(long after, long until, Consumer<String> entries) throws InterruptedException {
    long last = after;
    while (last < until) {
      long limit = Math.min(PAGE, until - last);
      List<String> page = api.lines("/v1/audit?after=" + last + "&limit=" + limit).lines().toList();
      for (String line : page) {
        entries.accept(line);
        last = Math.max(last + 1, number(line));
      }
      if (page.size() < limit) {
        return last;
      }
    }
    return last;
  }

  private static long number(String line) {
    try {
      return Api.JSON.readTree(line).path("number").asLong(0);
    } catch (JacksonException e) {
      return 0; // for the verification to tell
    }
  }
}
