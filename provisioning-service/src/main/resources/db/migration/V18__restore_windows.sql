-- Times of which the records are lost since a backup was put back: certificates that begin in one and are not on record are refused.
create table restore_window (
  from_at    timestamp(6) with time zone not null,  -- the first notBefore
  until_at   timestamp(6) with time zone not null,  -- the first notBefore after it
  ends_at    timestamp(6) with time zone not null,  -- when every certificate of that time has ended
  primary key (from_at, until_at)
);

-- Certificates that brokers have refused for that reason, until an operator adopts or revokes them.
create table unconfirmed_certificate (
  serial     varchar(40) primary key,               -- of the issuing authority
  device_id  varchar(128),
  der        bytea not null,
  node       varchar(128) not null,                 -- the broker that reported it last
  first_at   timestamp(6) with time zone not null,
  last_at    timestamp(6) with time zone not null
);

-- Those on record that begin in a window are read along this.
create index certificate_by_begin on certificate (not_before);
