package io.guardbee.service.audit;

import java.util.Locale;

/** What an entry tells of. The {@linkplain #toString() code} is stable, for programs. */
public enum Action {
  /** Someone may enrol. */
  GRANT_MADE,
  /** A grant lets in further names. */
  GRANT_WIDENED,
  /** Someone may enrol no more. */
  GRANT_WITHDRAWN,
  /** An enrolment that needed approval has it. */
  APPROVAL_GIVEN,
  /** An enrolment that needed approval does not get it. */
  APPROVAL_DENIED,
  CERTIFICATE_ISSUED,
  DEVICE_REVOKED,
  /** A device is held back for a time. */
  DEVICE_SUSPENDED,
  /** A device that was held back may go on. */
  DEVICE_REINSTATED,
  /** Certificates of an operator or of a broker are withdrawn. */
  CERTIFICATE_REVOKED,
  /** A certificate that was issued after the backup that was put back is on record again. */
  CERTIFICATE_ADOPTED,
  /** A certificate's time was up because its successor is in use. */
  CERTIFICATE_SUPERSEDED,
  /** A certificate that nobody had used ended because its predecessor obtained another one. */
  SUCCESSOR_REPLACED,
  /** A request met with a decision against it. */
  REQUEST_REFUSED,
  /** How many refusals are not told one by one. */
  REFUSALS_COUNTED,
  /** The service started with other settings than it ran with before. */
  CONFIGURATION_CHANGED,
  /** It was asked whom a policy would affect. */
  POLICY_FORESEEN,
  /** A version of the policy is in force. */
  POLICY_APPLIED,
  /** Brokers note what a version would refuse; another decides. */
  POLICY_OBSERVED,
  /** The version that was observed is in force. */
  POLICY_PROMOTED,
  /** A version is in force again. */
  POLICY_ROLLED_BACK,
  /** A version is observed no more. */
  POLICY_WITHDRAWN,
  /** A broker does not take a version. */
  POLICY_REFUSED,
  /** A broker met one certificate in two places. */
  CLONE_SUSPECTED,
  /** A broker that is gone is on record no more. */
  BROKER_FORGOTTEN,
  /** The root has signed; its own record tells what. */
  CEREMONY_HELD,
  /** An older copy of the database was put back. */
  DATABASE_RESTORED,
  /** The service found that somebody else had changed this log. */
  LOG_ALTERED;

  /** As entries write it, such as {@code certificate-issued}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
