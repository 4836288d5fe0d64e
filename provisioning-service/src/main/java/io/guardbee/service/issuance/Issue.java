package io.guardbee.service.issuance;

import io.guardbee.service.audit.Action;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Entry;
import java.time.Instant;
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
        (request.isForDevice() ? "device:" : "installation:") + request.deviceId(),
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

  private static Actor by(ToBeSigned request, Entitlement right) {
    return switch (right.way()) {
      case OPERATOR -> Actor.operator(right.reference());
      case STATION -> Actor.station(right.reference());
      case INSTALLATION -> Actor.SERVICE;
      case TOKEN, MANUFACTURER, CLAIM, CURRENT, EXPIRED -> Actor.device(request.deviceId());
    };
  }
}
