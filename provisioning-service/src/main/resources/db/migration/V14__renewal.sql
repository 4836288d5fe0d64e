-- The order in which a device's certificates were issued: clocks of replicas differ, this number does not.
alter table certificate add column issue_number integer;
-- When the certificate was first accepted, here or at a broker: a successor in use ends what its predecessor may ask for.
alter table certificate add column first_used_at timestamp(6) with time zone;
update certificate set issue_number = (select count(*) from certificate o where o.device_id = certificate.device_id
    and o.state in ('issued', 'revoked') and (o.reserved_at < certificate.reserved_at
      or (o.reserved_at = certificate.reserved_at and o.serial <= certificate.serial)))
  where device_id is not null and state in ('issued', 'revoked');
-- Of certificates issued before, nothing is known of their use: they count as used, so that no predecessor replaces one.
update certificate set first_used_at = coalesce(issued_at, reserved_at)
  where device_id is not null and state in ('issued', 'revoked');

-- Whether a station may enrol a device again that had a certificate; grants made before do not say so.
alter table standing_grant add column may_replace boolean default false not null;
