-- Which buckets were opened to another account?
-- for: security, audit
-- look for: accounts that are not yours. Also a policy that refuses something to
-- another account shows up: read it.
SELECT eventTime, userIdentity.arn AS who, element_at(requestParameters, 'bucketName') AS bucket, recipientAccountId AS account,
       array_join(array_sort(array_distinct(regexp_extract_all(element_at(requestParameters, 'bucketPolicy'), '"(arn:aws[a-z-]*:(iam|sts)::)?([0-9]{12})[":]', 3))), ' ') AS accounts_in_policy,
       sourceIPAddress AS address, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND eventName = 'PutBucketPolicy'
  AND any_match(regexp_extract_all(element_at(requestParameters, 'bucketPolicy'), '"(arn:aws[a-z-]*:(iam|sts)::)?([0-9]{12})[":]', 3), a -> a <> recipientAccountId)
ORDER BY eventTime, eventID
