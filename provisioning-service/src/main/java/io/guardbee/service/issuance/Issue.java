package io.guardbee.service.issuance;

import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Entry;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What the audit log is told of an issued certificate. */
final class Issue {

  private Issue() {}

  static Entry entry(Signed signed, Instant now) {
    ToBeSigned request = signed.reserved().toBeSigned();
    ApprovedRequest approved = request.approved();
    Entitlement right = approved.entitlement();
    return Entry.of(
        now,
        Action.CERTIFICATE_ISSUED,
        by(request, right),
        request.isForDevice()
            ? "device:" + request.deviceId()
            : "installation:" + String.join(",", approved.identity().subject().values("CN")),
        Map.of(
            "serial",
            request.serial().toString(),
            "issuer",
            request.issuer(),
            "profile",
            approved.profile().name(),
            "subject",
            approved.identity().subject().toString(),
            "key",
            "sha256:" + request.keyHash(),
            "way",
            right.way().toString(),
            "right",
            right.reference(),
            "until",
            request.notAfter().toString()));
  }

  /** The successors that it takes the place of. */
  static List<Entry> replaced(Signed signed, Instant now) {
    ToBeSigned request = signed.reserved().toBeSigned();
    return signed.reserved().ending().replaced().stream()
        .map(
            serial ->
                Entry.of(
                    now,
                    Action.SUCCESSOR_REPLACED,
                    Actor.device(request.deviceId()),
                    "device:" + request.deviceId(),
                    Map.of(
                        "serial",
                        serial,
                        "by",
                        request.serial().toString(),
                        "right",
                        request.approved().entitlement().reference())))
        .toList();
  }

  private static Actor by(ToBeSigned request, Entitlement right) {
    return switch (right.way()) {
      case OPERATOR -> Actor.operator(right.reference());
      case STATION -> Actor.station(right.reference());
      case INSTALLATION -> right instanceof Entitlement.Installation own ? own.by() : Actor.SERVICE;
      case TOKEN, MANUFACTURER, CLAIM, CURRENT, EXPIRED -> Actor.device(request.deviceId());
    };
  }
}
