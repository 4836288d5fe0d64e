package io.guardbee.service.broker;

import io.guardbee.pki.Quoted;
import io.guardbee.service.policy.ObservedRefusals;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a broker says now and then. A broker is believed, but not in how much it says: texts and
 * lists are cut.
 *
 * @param node its name, where it tells one
 * @param policyVersion that decides, 0 for its own file
 * @param policyObserved 0 for none
 * @param feedEvent the last that it has applied
 * @param connections live ones
 * @param contact when it last heard of a service
 * @param feedRefused why it does not follow all of the feed; empty when it does
 * @param unconfirmed certificates that it refused because they are not on record since a restore;
 *     DER in base64
 */
public record NodeReport(
    @Nullable String node,
    @Nullable String extension,
    @Nullable String hivemq,
    long policyVersion,
    long policyObserved,
    long feedEvent,
    long connections,
    @Nullable Instant startedAt,
    @Nullable Instant contact,
    @Nullable List<Refusal> refusals,
    @Nullable List<RefusedRequest> refusedRequests,
    @Nullable List<Clone> clones,
    @Nullable List<Observation> observed,
    @Nullable List<FirstUse> firstUses,
    @Nullable String feedRefused,
    @Nullable List<String> unconfirmed) {

  private static final int MOST_UNCONFIRMED = 200;
  private static final int MOST_REFUSALS = 2_000;
  private static final int MOST_REFUSED_REQUESTS = 2_000;
  private static final int MOST_CLONES = 100;
  private static final int MOST_OBSERVED = 2_000;
  private static final int MOST_FIRST_USES = 2_000;

  /**
   * Somebody was not let in, or was ended.
   *
   * @param stage such as {@code handshake}
   * @param reason its stable code
   */
  public record Refusal(
      @Nullable Instant at,
      @Nullable String stage,
      @Nullable String reason,
      @Nullable String detail,
      @Nullable String deviceId,
      @Nullable String serial,
      @Nullable String address,
      @Nullable String clientId) {}

  /**
   * PUBLISH or SUBSCRIBE packets of one kind that a device's rights refused.
   *
   * @param deviceId null where the broker has counted several devices together
   * @param action {@code publish} or {@code subscribe}
   * @param filter the topic or topic filter, shortened
   * @param reason the code of the policy's decision, such as {@code uncovered}
   * @param times since the last report
   */
  public record RefusedRequest(
      @Nullable String deviceId,
      @Nullable String action,
      @Nullable String filter,
      @Nullable String reason,
      long times,
      @Nullable Instant first,
      @Nullable Instant last,
      @Nullable String address) {}

  /**
   * One certificate seems to be in two places, or it and its successor are.
   *
   * @param otherSerial of the other certificate of the same identity; null where it is the same one
   * @param action {@code alert}, {@code refuse-new} or {@code suspend}
   */
  public record Clone(
      @Nullable Instant at,
      @Nullable String deviceId,
      @Nullable String serial,
      @Nullable String otherSerial,
      @Nullable List<String> addresses,
      @Nullable String action) {

    /** For people. */
    String what() {
      String one = "certificate " + Quoted.line(String.valueOf(serial));
      return otherSerial == null
          ? one + " is in two places: " + places()
          : one
              + " and certificate "
              + Quoted.line(otherSerial)
              + " of the same device are in use at two places: "
              + places();
    }

    /** For people. */
    String places() {
      return addresses == null
          ? "places that are not known"
          : addresses.stream().limit(5).map(Quoted::line).collect(Collectors.joining(" and "));
    }
  }

  /** A certificate was accepted at a CONNECT, for the first time as far as the broker knows. */
  public record FirstUse(
      @Nullable String issuer, @Nullable String serial, @Nullable String address) {}

  /** What a policy under observation would have refused. */
  public record Observation(
      long version,
      @Nullable String rule,
      @Nullable String deviceId,
      @Nullable String request,
      long count) {

    ObservedRefusals.Refusal refusal() {
      return new ObservedRefusals.Refusal(text(rule), text(deviceId), text(request), count);
    }
  }

  public NodeReport {
    refusals = first(refusals, MOST_REFUSALS);
    refusedRequests = first(refusedRequests, MOST_REFUSED_REQUESTS);
    clones = first(clones, MOST_CLONES);
    observed = first(observed, MOST_OBSERVED);
    firstUses = first(firstUses, MOST_FIRST_USES);
    unconfirmed = first(unconfirmed, MOST_UNCONFIRMED);
  }

  private static <T> List<T> first(@Nullable List<T> all, int most) {
    return Optional.ofNullable(all).stream().flatMap(List::stream).limit(most).toList();
  }

  private static <T> Stream<T> each(@Nullable List<T> all) {
    return all == null ? Stream.empty() : all.stream();
  }

  Stream<Refusal> eachRefusal() {
    return each(refusals);
  }

  Stream<RefusedRequest> eachRefusedRequest() {
    return each(refusedRequests);
  }

  Stream<Clone> eachClone() {
    return each(clones);
  }

  Stream<FirstUse> eachFirstUse() {
    return each(firstUses).filter(use -> use.issuer() != null && use.serial() != null);
  }

  Stream<Observation> eachObservation() {
    return each(observed);
  }

  List<String> allUnconfirmed() {
    return each(unconfirmed).toList();
  }

  private static String text(@Nullable String said) {
    return said == null ? "" : said;
  }
}
