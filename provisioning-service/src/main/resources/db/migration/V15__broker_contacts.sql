-- When each broker node was last heard of, by whichever replica. Receipts name those that were heard of lately.
create table broker_contact (
  node      varchar(128) primary key,
  heard_at  timestamp(6) with time zone not null
);
create index broker_contact_by_time on broker_contact (heard_at);
insert into broker_contact (node, heard_at) select node, reported_at from broker_report;

-- Devices that were suspended on the word of a broker, for as long as they count against its limits.
create table clone_suspension (
  node         varchar(128) not null,
  suspended_at timestamp(6) with time zone not null,
  device_id    varchar(128) not null,
  primary key (node, suspended_at, device_id)
);

-- One row a node: what it reported last that the service did not act upon, and how often.
create table broker_alarm (
  node       varchar(128) primary key,
  detail     varchar(600) not null,
  times      bigint not null,
  first_at   timestamp(6) with time zone not null,
  last_at    timestamp(6) with time zone not null
);

-- policy_head.trial_until has no meaning any more: a broker's refusal takes no version out of force. The column stays, for replicas
-- of earlier versions that work on the same database until they are upgraded.
