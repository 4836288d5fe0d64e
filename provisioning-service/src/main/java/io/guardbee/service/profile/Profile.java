package io.guardbee.service.profile;

import io.guardbee.pki.DeviceId;
import io.guardbee.pki.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * How certificates of one kind are issued.
 *
 * @param name the OU of their subjects
 * @param issuer role of the authority that signs them
 * @param purposes extended key usages
 * @param subject what their subjects are made from
 * @param names what their subjectAltNames are made from
 * @param requestedNames which names a request may ask for beside these
 * @param keys kinds of keys that are certified
 * @param ways by what right one may be had
 * @param most good at one time for one device
 * @param reserved names that its certificates never hold
 */
public record Profile(
    String name,
    String issuer,
    Duration validity,
    List<Purpose> purposes,
    SubjectTemplate subject,
    List<NameTemplate> names,
    List<NamePattern> requestedNames,
    Set<KeyKind> keys,
    Set<Way> ways,
    Approval approval,
    Renewal renewal,
    int most,
    ServerKeys serverKeys,
    EstForm est,
    ReservedNames reserved) {

  /** Extended key usages (RFC 5280 §4.2.1.12, RFC 6402 §2.10). */
  public enum Purpose {
    CLIENT,
    SERVER,
    REGISTRATION_AUTHORITY,
    /** To answer in an authority's name (RFC 6960 §4.2.2.2); never configured. */
    OCSP
  }

  /** Who has to agree beyond the grant. */
  public enum Approval {
    AUTOMATIC,
    MANUAL,
    WEBHOOK
  }

  /** Whether the service makes keys for devices (RFC 7030 §4.4), and how they may travel. */
  public enum ServerKeys {
    OFF,
    ENCRYPTED,
    PLAIN
  }

  /** Which key a renewal has to be for. */
  public enum RenewalKey {
    ANY,
    NEW,
    SAME
  }

  /**
   * How certificates follow one another.
   *
   * @param from share of its life after which a certificate is due
   * @param jitter over how long devices spread their renewals
   * @param overlap how long the one before stays good
   * @param expiredGrace how long after its end a certificate may still re-enrol
   */
  public record Renewal(
      double from, Duration jitter, RenewalKey key, Duration overlap, Duration expiredGrace) {

    /** When a certificate becomes due for renewal. */
    public Instant due(Instant notBefore, Instant notAfter) {
      double life = Duration.between(notBefore, notAfter).toMillis();
      return notBefore.plusMillis((long) (life * from));
    }
  }

  /**
   * What EST clients of this profile like.
   *
   * @param template whether csrattrs answers with RFC 9908's template
   * @param lineLength of base64; 0 for one line
   */
  public record EstForm(boolean template, int lineLength) {}

  public Profile {
    purposes = List.copyOf(purposes);
    names = List.copyOf(names);
    requestedNames = List.copyOf(requestedNames);
    keys = Set.copyOf(keys);
    ways = Set.copyOf(ways);
  }

  /** Whether its certificates are for servers, which clients know by subjectAltName (RFC 9525). */
  public boolean isForServers() {
    return purposes.contains(Purpose.SERVER);
  }

  /** Whether a request may ask for that name. */
  public boolean letsAskFor(Name name) {
    return requestedNames.stream().anyMatch(pattern -> pattern.matches(name));
  }

  /**
   * Whether an operator may grant that name: to a server any name, to others what it may ask for.
   */
  public boolean letsGrant(Name name) {
    boolean server = name.kind() == Name.Kind.DNS || name.kind() == Name.Kind.IP;
    return letsAskFor(name) || (isForServers() && server);
  }

  /** Who a certificate of this profile speaks for. */
  public Identity identity(DeviceId deviceId) {
    return new Identity(issuer, subject.of(deviceId, name));
  }
}
