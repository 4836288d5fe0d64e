package io.guardbee.service.ceremony;

import io.guardbee.pki.Identity;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import io.guardbee.pki.ceremony.AuthorityRecords;
import io.guardbee.pki.ceremony.SignedRecord;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.AuthorityFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What brokers are shown for the roles of the authorities in {@code ca/}: ceremony records and the
 * list of revoked authorities, all of it signed by the root.
 *
 * @param generation number of the last of these ceremonies; 0 when there is no record
 * @param issuing issuing authorities that brokers will believe
 * @param crl PEM; empty for none
 */
public record RecordedAuthorities(
    long generation, List<X509Certificate> issuing, List<SignedRecord> records, String crl) {

  private static final Logger LOG = LoggerFactory.getLogger(RecordedAuthorities.class);

  public RecordedAuthorities {
    issuing = List.copyOf(issuing);
    records = List.copyOf(records);
  }

  /**
   * Reads and verifies them as a broker does. What brokers will not believe is told in the log,
   * with what to do; it does not keep the service from starting, for devices and revocations need
   * it.
   */
  public static RecordedAuthorities read(Path ca, Authorities authorities) throws IOException {
    List<X509Certificate> all = new ArrayList<>();
    AuthorityFiles.ROLES.forEach(role -> all.addAll(authorities.believed(role)));
    List<SignedRecord> records = History.read(ca).signed(all);
    String crl = RootCrl.read(ca, authorities.root()).map(RootCrl::pem).orElse("");
    try {
      AuthorityRecords verified =
          AuthorityRecords.verify(List.of(authorities.root()), records, crl);
      return new RecordedAuthorities(
          verified.generation(), recorded(verified, authorities), records, crl);
    } catch (RefusedException e) {
      LOG.error(
          "brokers will not follow this service: {}; restore {} from a backup, or stop the service"
              + " and hold guardbee ca rollover issuing and guardbee ca rollover operations, which"
              + " write new records",
          e.detail(),
          History.directory(ca));
      return new RecordedAuthorities(0, authorities.believed(Identity.ISSUING), List.of(), crl);
    }
  }

  private static List<X509Certificate> recorded(AuthorityRecords records, Authorities authorities) {
    List<X509Certificate> issuing = new ArrayList<>();
    for (String role : AuthorityFiles.ROLES) {
      for (X509Certificate authority : authorities.believed(role)) {
        if (!records.isAuthority(role, authority)) {
          warn(role, authority);
        } else if (role.equals(Identity.ISSUING)) {
          issuing.add(authority);
        }
      }
    }
    return issuing;
  }

  private static void warn(String role, X509Certificate authority) {
    LOG.error(
        "no ceremony record that the root signed says that {} is an {} CA: brokers will not believe"
            + " it; restore ca/ceremonies from a backup, or stop the service and hold guardbee ca"
            + " rollover {}, which writes a record",
        Serial.of(authority),
        role,
        role);
  }
}
