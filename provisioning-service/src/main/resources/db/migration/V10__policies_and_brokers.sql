-- Versions of the policy as operators gave them. Only brokers read the text.
create table policy_version (
  version    bigint primary key,
  document   varchar(1000000) not null,
  sha256     varchar(64) not null,
  mode       varchar(16) not null,          -- what was ordered: enforce, observe, foresee
  state      varchar(16) not null,          -- foreseen, observed, applied, refused
  previous   bigint,                        -- in force when this one first came into force
  note       varchar(400) not null,
  made_at    timestamp(6) with time zone not null,
  made_by    varchar(160) not null
);

-- One row. Whoever changes anything of the policy holds its lock: changes happen one after the other.
create table policy_head (
  id           integer primary key,
  last_version bigint not null,
  in_force     bigint,
  in_force_at  timestamp(6) with time zone,
  in_force_by  varchar(160),
  trial_until  timestamp(6) with time zone, -- a broker that refuses it until then takes it out of force
  observed     bigint,
  observed_at  timestamp(6) with time zone
);
insert into policy_head (id, last_version) values (1, 0);

-- What each broker has made of an order; of the latest versions only.
create table policy_answer (
  version        bigint not null,
  mode           varchar(16) not null,
  node           varchar(128) not null,
  outcome        varchar(16) not null,      -- applied, foreseen, refused
  detail         varchar(600) not null,
  connections    integer not null,
  affected_count integer not null,
  affected       varchar(1000000) not null, -- JSON
  answered_at    timestamp(6) with time zone not null,
  primary key (version, mode, node)
);

-- What the observed version would have refused.
create table policy_observed (
  version    bigint not null,
  rule       varchar(128) not null,
  device_id  varchar(128) not null,
  request    varchar(256) not null,
  times      bigint not null,
  first_at   timestamp(6) with time zone not null,
  last_at    timestamp(6) with time zone not null,
  primary key (version, rule, device_id, request)
);

-- An event that tells of a policy: its text is kept once, in policy_version.
alter table feed_event add column policy_version bigint;

-- One row: the authorities that brokers were told last, and by how many ceremonies they had come about.
create table feed_trust (
  id         integer primary key,
  generation bigint not null,
  body       varchar(1000000) not null
);
insert into feed_trust (id, generation, body) values (1, -1, '');

-- What each broker says of itself.
create table broker_report (
  node            varchar(128) primary key,
  extension       varchar(64) not null,
  hivemq          varchar(64) not null,
  policy_version  bigint not null,
  policy_observed bigint not null,
  feed_event      bigint not null,
  connections     bigint not null,
  started_at      timestamp(6) with time zone,
  contact_at      timestamp(6) with time zone, -- when it heard of a service last
  reported_at     timestamp(6) with time zone not null
);

-- The snapshot of the feed is read along this, in pages.
create index certificate_by_state_and_serial on certificate (state, issuer, serial);
drop index certificate_by_state;
