package io.guardbee.service.explain;

import io.guardbee.service.approval.Entry;
import io.guardbee.service.explain.Records.Certificate;
import io.guardbee.service.explain.Records.Token;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Way;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is found of a device, what it may ask for, and what to do next. */
final class DeviceFindings {

  private final Dossier dossier;

  DeviceFindings(Dossier dossier) {
    this.dossier = dossier;
  }

  List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    findings.add(status());
    dossier.device().ifPresent(device -> findings.add(profile(device.profile())));
    findings.add(certificate());
    findings.addAll(tokens());
    dossier.grants().forEach(grant -> findings.add(grant(grant)));
    dossier.approvals().forEach(entry -> findings.add(approval(entry)));
    findings.addAll(RefusedTopics.of(dossier.refusals(), dossier.now()));
    return findings;
  }

  private Finding status() {
    if (dossier.device().isEmpty()) {
      return Finding.bad("device", dossier.id() + " is not known here", grant());
    }
    Records.Device device = dossier.device().get();
    if (device.suspension() != null) {
      return suspended(device.id(), device.suspension());
    }
    return switch (device.status()) {
      case "active" -> Finding.good("device", device.id() + " is enrolled");
      case "granted" -> Finding.note("device", device.id() + " may enrol, and has not done so yet");
      case "revoked" ->
          Finding.bad("device", device.id() + " was thrown out", "if it may come back: " + grant());
      default -> Finding.note("device", device.id() + " is " + device.status());
    };
  }

  private static Finding suspended(String id, Records.Suspension suspension) {
    String why = suspension.reason().isEmpty() ? "" : ": " + suspension.reason();
    return Finding.bad(
        "device",
        id + " is suspended since " + suspension.at() + " by " + suspension.by() + why,
        reinstate(id));
  }

  private static String reinstate(String id) {
    return "guardbee device reinstate " + id;
  }

  private String grant() {
    return "guardbee device grant " + dossier.id();
  }

  private Finding profile(String name) {
    return dossier
        .profile(name)
        .map(profile -> Finding.note("profile", describe(profile)))
        .orElseGet(
            () ->
                Finding.bad(
                    "profile",
                    name + " is not in config.yaml any more",
                    "put it back, or grant another: " + grant() + " --profile …"));
  }

  private static String describe(Profile profile) {
    String ways =
        profile.ways().stream().sorted().map(Way::toString).collect(Collectors.joining(", "));
    String keys =
        profile.keys().stream()
            .sorted()
            .map(kind -> kind.name().replace('_', '-'))
            .collect(Collectors.joining(", "));
    return profile.name()
        + ": good for "
        + profile.validity().toDays()
        + " days; keys "
        + keys
        + "; may be had by "
        + ways
        + "; approval "
        + profile.approval().name().toLowerCase(Locale.ROOT);
  }

  private Finding certificate() {
    Optional<Certificate> good = dossier.good();
    if (good.isPresent()) {
      return Finding.good(
          "certificate", good.get().serial() + " is good until " + good.get().until());
    }
    if (dossier.certificates().isEmpty()) {
      return Finding.note("certificate", "none was ever issued");
    }
    Certificate last = dossier.certificates().get(0);
    String what =
        switch (last.state(dossier.now())) {
          case "revoked" ->
              "was revoked at " + last.revoked() + " (" + last.revocationReason() + ")";
          case "reserved" -> "is being issued at this moment";
          case "suspended" -> "is on hold since " + last.held();
          default -> "ended at " + last.until();
        };
    return Finding.note("certificate", "none is good; the last, " + last.serial() + ", " + what);
  }

  private List<Finding> tokens() {
    if (dossier.tokens().isEmpty()) {
      return List.of(Finding.note("token", "none was ever granted"));
    }
    return dossier.tokens().stream().limit(3).map(this::token).toList();
  }

  private Finding grant(Records.Grant grant) {
    String by = grant.kind() + " grant " + grant.name();
    if (grant.letIn() != null) {
      return Finding.note("grant", "was let in by " + by + " at " + grant.letIn());
    }
    return grant.isOpen(dossier.now())
        ? Finding.good("grant", "is on the list of " + by)
        : Finding.note("grant", "is on the list of " + by + ", which has ended");
  }

  private Finding approval(Entry entry) {
    String asked = "asked with key " + entry.key() + " since " + entry.since();
    return switch (entry.state()) {
      case "pending" ->
          Finding.bad(
              "approval",
              asked + ": waits",
              "guardbee device approve " + dossier.id() + ", or deny");
      case "approved" -> Finding.good("approval", asked + ": approved, not fetched yet");
      default ->
          Finding.bad(
              "approval",
              asked + ": denied" + (entry.reason() == null ? "" : ", " + entry.reason()),
              grant());
    };
  }

  private Finding token(Token token) {
    String granted = "granted " + token.granted() + " for " + token.profile();
    return switch (token.state(dossier.now())) {
      case "open" -> Finding.good("token", granted + ": open until " + token.expires());
      case "used" -> Finding.note("token", granted + ": used at " + token.used());
      case "withdrawn" -> Finding.note("token", granted + ": withdrawn at " + token.withdrawn());
      default -> Finding.note("token", granted + ": expired at " + token.expires());
    };
  }

  /** What it would be given, now or soon. */
  List<String> mayAskFor() {
    if (dossier.suspension().isPresent()) {
      return List.of();
    }
    List<String> may = new ArrayList<>();
    dossier
        .openToken()
        .ifPresent(
            token ->
                may.add(
                    "enrol as "
                        + token.profile()
                        + " with its token until "
                        + token.expires()
                        + ": POST /.well-known/est/simpleenroll"));
    if (!dossier.isRevoked()) {
      dossier.good().flatMap(this::renewal).ifPresent(may::add);
      if (dossier.good().isEmpty()) {
        dossier.ended().flatMap(this::wayBack).ifPresent(may::add);
      }
    }
    return may;
  }

  private Optional<String> renewal(Certificate good) {
    return dossier
        .profile()
        .filter(profile -> profile.ways().contains(Way.CURRENT))
        .map(
            profile ->
                "renew with certificate "
                    + good.serial()
                    + " until "
                    + good.until()
                    + "; due from "
                    + due(profile, good)
                    + ": POST /.well-known/est/simplereenroll");
  }

  private static Instant due(Profile profile, Certificate certificate) {
    return profile.renewal().due(certificate.notBefore(), certificate.notAfter());
  }

  private Optional<String> wayBack(Certificate ended) {
    return dossier
        .profile()
        .filter(profile -> profile.ways().contains(Way.EXPIRED))
        .map(profile -> ended.notAfter().plus(profile.renewal().expiredGrace()))
        .filter(dossier.now()::isBefore)
        .map(
            end ->
                "enrol again with its ended certificate "
                    + ended.serial()
                    + " until "
                    + end
                    + ": POST /.well-known/est/simplereenroll");
  }

  /** What helps most, in one line. */
  String nextStep() {
    if (dossier.suspension().isPresent()) {
      return reinstate(dossier.id().value());
    }
    Instant since =
        dossier.certificates().stream()
            .map(Certificate::issued)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElse(Instant.MIN);
    var refused =
        dossier.refusals().stream().filter(past -> past.last().isAfter(since)).findFirst();
    boolean fresh =
        refused.isPresent()
            && refused.get().last().isAfter(dossier.now().minus(Duration.ofDays(1)));
    if (fresh) {
      return refused.get().nextStep();
    }
    return all().stream()
        .filter(Finding::isBad)
        .findFirst()
        .map(finding -> String.valueOf(finding.nextStep()))
        .orElseGet(this::withoutTrouble);
  }

  private String withoutTrouble() {
    if (dossier.good().isPresent()) {
      Certificate good = dossier.good().get();
      boolean due =
          dossier.profile().map(profile -> due(profile, good)).stream()
              .anyMatch(from -> !dossier.now().isBefore(from));
      return due ? "let it renew: guardbee agent renew --id " + dossier.id() : "nothing to do";
    }
    List<String> may = mayAskFor();
    return may.isEmpty() ? grant() : "let it " + may.get(0);
  }
}
