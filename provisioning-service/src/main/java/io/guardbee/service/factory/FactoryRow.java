package io.guardbee.service.factory;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/** What goes in and comes out of a factory stream, one JSON object a line. */
final class FactoryRow {

  private FactoryRow() {}

  /**
   * A request for one device.
   *
   * @param csr PKCS#10 in PEM, or base64 of its DER
   */
  record Request(@Nullable String deviceId, @Nullable String csr) {}

  /**
   * The result for one row.
   *
   * @param row counted from 1, in the order of the requests
   * @param status {@code issued}, {@code unchanged} (this key's certificate was issued before) or
   *     {@code refused}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Result(
      int row,
      @Nullable String deviceId,
      String status,
      @Nullable String serial,
      @Nullable String certificate,
      @Nullable String reason,
      @Nullable String detail,
      @Nullable String nextStep) {

    static Result certificate(int row, String deviceId, String status, X509Certificate issued) {
      return new Result(
          row,
          deviceId,
          status,
          Serial.of(issued).toString(),
          Pem.certificate(issued),
          null,
          null,
          null);
    }

    static Result refused(int row, @Nullable String deviceId, RefusedException refused) {
      return new Result(
          row,
          deviceId,
          "refused",
          null,
          null,
          refused.reason().toString(),
          refused.detail(),
          refused.nextStep());
    }
  }
}
