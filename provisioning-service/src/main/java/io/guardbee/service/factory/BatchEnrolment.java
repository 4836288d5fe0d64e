package io.guardbee.service.factory;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.attempt.Attempt;
import io.guardbee.service.attempt.Attempts;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.device.Devices;
import io.guardbee.service.factory.FactoryRow.Request;
import io.guardbee.service.factory.FactoryRow.Result;
import io.guardbee.service.http.JsonBody;
import io.guardbee.service.issuance.Application;
import io.guardbee.service.issuance.Entitlement;
import io.guardbee.service.issuance.Issuance;
import io.guardbee.service.issuance.Outcome;
import io.guardbee.service.profile.Profile;
import io.guardbee.service.profile.Profiles;
import io.guardbee.service.request.CertificateRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Enrols one row of a batch on an operator's word. The same row again gives the same certificate: a
 * line that lost power simply sends its file once more. Thread-safe.
 */
public final class BatchEnrolment {

  private static final Logger LOG = LoggerFactory.getLogger(BatchEnrolment.class);

  private final Devices devices;
  private final Profiles profiles;
  private final Issuance issuance;
  private final Records records;
  private final JsonMapper json;

  /** Where rows that are refused go on record. */
  public record Records(Attempts attempts, Audit audit) {}

  public BatchEnrolment(
      Devices devices, Profiles profiles, Issuance issuance, Records records, JsonMapper json) {
    this.devices = devices;
    this.profiles = profiles;
    this.issuance = issuance;
    this.records = records;
    this.json = json;
  }

  /**
   * Who enrols, and under which profile devices that are not known yet.
   *
   * @param operator the operator's name
   * @param address where from
   */
  record Order(String operator, String newDeviceProfile, String address) {}

  /** Checks an order before its first row. */
  void check(Order order) {
    profiles.device(order.newDeviceProfile());
  }

  /** Whatever stands against a row is its result. */
  Result enrol(int row, String line, Order order) throws InterruptedException {
    String deviceId = null;
    try {
      Request request =
          JsonBody.ofOperator(json, line.getBytes(StandardCharsets.UTF_8), Request.class);
      deviceId = request.deviceId();
      if (deviceId == null) {
        throw malformed();
      }
      return enrol(row, new DeviceId(deviceId), request.csr(), order);
    } catch (RefusedException e) {
      records
          .audit()
          .refused(
              e, new Audit.Refused(Actor.operator(order.operator()), "device:" + deviceId, null));
      return refused(row, deviceId, order, e);
    } catch (RuntimeException e) {
      LOG.error("row {} failed", row, e);
      return refused(row, deviceId, order, failed());
    }
  }

  private Result refused(
      int row, @Nullable String deviceId, Order order, RefusedException refused) {
    records
        .attempts()
        .record(
            new Attempt(
                Attempt.Door.FACTORY,
                order.address(),
                deviceId,
                "a row of a factory file",
                refused));
    return Result.refused(row, deviceId, refused);
  }

  private Result enrol(int row, DeviceId deviceId, @Nullable String csr, Order order)
      throws InterruptedException {
    if (csr == null) {
      throw malformed();
    }
    CertificateRequest request = CertificateRequest.parse(der(csr));
    Profile profile = profiles.device(devices.profileOf(deviceId).orElse(order.newDeviceProfile()));
    Application application =
        new Application(request, deviceId, profile, new Entitlement.Operator(order.operator()));
    Outcome outcome = issuance.forRow(application);
    String status =
        outcome instanceof Outcome.Issued issued && issued.again() ? "unchanged" : "issued";
    return Result.certificate(row, deviceId.value(), status, outcome.certificate());
  }

  private static byte[] der(String csr) {
    if (csr.contains("BEGIN NEW CERTIFICATE REQUEST")) {
      return Pem.der("NEW CERTIFICATE REQUEST", csr);
    }
    if (csr.contains("BEGIN")) {
      return Pem.der("CERTIFICATE REQUEST", csr);
    }
    try {
      return Base64.getMimeDecoder().decode(csr);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(
          Reason.CSR_MALFORMED, "csr is neither PEM nor base64", "give openssl req -new output");
    }
  }

  private static RefusedException malformed() {
    return new RefusedException(
        Reason.REQUEST_MALFORMED,
        "the row is not an object of deviceId and csr",
        "write {\"deviceId\":\"d-1\",\"csr\":\"-----BEGIN CERTIFICATE REQUEST-----\\n…\"}");
  }

  private static RefusedException failed() {
    return new RefusedException(
        Reason.INTERNAL, "the service failed on this row", "see its log, then send the row again");
  }
}
